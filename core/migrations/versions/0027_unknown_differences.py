"""Of what a comparison found, how much is left to a person."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("crm_lines") as table:
        table.add_column(sa.Column("unknown", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("crm_lines") as table:
        table.alter_column("unknown", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("crm_lines") as table:
        table.drop_column("unknown")
