"""Which store an erasure comes from, and what a person lets through all the same."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    told_by = sa.Column("told_by", sa.String(length=63), nullable=False, server_default="")
    op.add_column("erasure_orders", told_by)
    let_through: sa.Column[bool] = sa.Column(
        "is_let_through", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("inbox_batches", let_through)


def downgrade() -> None:
    op.drop_column("inbox_batches", "is_let_through")
    op.drop_column("erasure_orders", "told_by")
