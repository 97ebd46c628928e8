"""WeChat's names for members, and which of two members proved a number last."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.alter_column(
            "kind", existing_type=sa.String(5), type_=sa.String(16), existing_nullable=False
        )
        batch_op.add_column(sa.Column("bound_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.drop_column("bound_at")
        batch_op.alter_column(
            "kind", existing_type=sa.String(16), type_=sa.String(5), existing_nullable=False
        )
