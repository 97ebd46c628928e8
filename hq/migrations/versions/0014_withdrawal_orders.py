"""Orders to stores to end a consent to marketing."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "withdrawal_orders",
        sa.Column("id", _ID, nullable=False),
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.Column("store_member", sa.String(26), nullable=False),
        sa.Column("withdrawn_at", _MOMENT, nullable=False),
        sa.Column("ordered_at", _MOMENT, nullable=False),
        sa.Column("done_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.id"],
            name="withdrawal_orders_store_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="withdrawal_orders_pkey"),
        sa.UniqueConstraint(
            "store_id", "store_member", name="withdrawal_orders_store_id_store_member_key"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("withdrawal_orders_of_store", "withdrawal_orders", ["store_id", "done_at"])
    op.create_index("withdrawal_orders_done_at", "withdrawal_orders", ["done_at"])


def downgrade() -> None:
    op.drop_table("withdrawal_orders")
