"""What the visit rows of each region's stores come to."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "region_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("stores", sa.Integer(), nullable=False),
        sa.Column("passers_by", sa.Integer(), nullable=True),
        sa.Column("visitors", sa.Integer(), nullable=True),
        sa.Column("bounces", sa.Integer(), nullable=True),
        sa.Column("dwell_q1_s", sa.Integer(), nullable=True),
        sa.Column("dwell_median_s", sa.Integer(), nullable=True),
        sa.Column("dwell_q3_s", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("files", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("day", "region", name="region_days_pkey"),
    )


def downgrade() -> None:
    op.drop_table("region_days")
