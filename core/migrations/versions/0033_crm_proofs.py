"""That the CRM was told of consents, withdrawals and erasures."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_TOLD_OF = sa.Enum("given", "withdrawn", "erased", name="toldof", native_enum=False, length=16)
_PURPOSE = sa.Enum(
    *("terms", "membership", "marketing", "visit_analytics"),
    name="purpose",
    native_enum=False,
    length=16,
)


def upgrade() -> None:
    op.create_table(
        "crm_proofs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("event_id", sa.String(26), nullable=False),
        sa.Column("member", sa.String(26), nullable=False),
        sa.Column("told_of", _TOLD_OF, nullable=False),
        sa.Column("purpose", _PURPOSE, nullable=True),
        sa.Column("crm", sa.String(16), nullable=False),
        sa.Column("has_place", sa.Boolean(), nullable=False),
        sa.Column("happened_at", _MOMENT, nullable=False),
        sa.Column("confirmed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="crm_proofs_pkey"),
        sa.UniqueConstraint("event_id", name="crm_proofs_event_id_key"),
    )
    op.create_index("crm_proofs_member", "crm_proofs", ["member"])
    op.create_index("crm_proofs_confirmed_at", "crm_proofs", ["confirmed_at"])


def downgrade() -> None:
    op.drop_table("crm_proofs")
