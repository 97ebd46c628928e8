"""Where the access logs of stores stand."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "store_anchors",
        sa.Column("id", _ID, nullable=False),
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fits", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.id"],
            name="store_anchors_store_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="store_anchors_pkey"),
        sa.UniqueConstraint(
            "store_id", "number", "hash", name="store_anchors_store_id_number_hash_key"
        ),
    )


def downgrade() -> None:
    op.drop_table("store_anchors")
