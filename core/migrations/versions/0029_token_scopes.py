"""What a token of a program opens."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_SCOPE = sa.Enum("figures", "metrics", name="scope", native_enum=False, length=16)


def upgrade() -> None:
    scope: sa.Column[str] = sa.Column("scope", _SCOPE, nullable=False, server_default="figures")
    op.add_column("api_tokens", scope)


def downgrade() -> None:
    # The version before would take a token for metrics for one that reads figures.
    op.execute("DELETE FROM api_tokens WHERE scope <> 'figures'")
    op.drop_column("api_tokens", "scope")
