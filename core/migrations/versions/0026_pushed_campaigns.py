"""Campaigns that headquarters has pushed are known by the chain's key."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("campaigns") as table:
        table.add_column(sa.Column("pushed_key", sa.String(63), nullable=True))
        table.create_unique_constraint("campaigns_pushed_key_key", ["pushed_key"])


def downgrade() -> None:
    with op.batch_alter_table("campaigns") as table:
        table.drop_constraint("campaigns_pushed_key_key", type_="unique")
        table.drop_column("pushed_key")
