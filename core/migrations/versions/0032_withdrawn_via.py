"""By what way a consent was withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_VIA = sa.Enum(
    *("my_data", "staff", "crm", "wechat", "erasure", "backup"),
    name="via",
    native_enum=False,
    length=16,
)


def upgrade() -> None:
    via: sa.Column[str] = sa.Column("withdrawn_via", _VIA, nullable=True)
    op.add_column("consents", via)


def downgrade() -> None:
    op.drop_column("consents", "withdrawn_via")
