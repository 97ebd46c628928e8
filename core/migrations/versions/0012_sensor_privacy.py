"""Phones that are not to be counted; what strict mode counts."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opt_outs",
        sa.Column("entry", sa.LargeBinary(16), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entry", name="opt_outs_pkey"),
    )
    op.create_index("opt_outs_until", "opt_outs", ["until"])
    op.create_table(
        "presence_hours",
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("windows", sa.Integer(), nullable=False),
        sa.Column("near", sa.Integer(), nullable=False),
        sa.Column("inside", sa.Integer(), nullable=False),
        sa.Column("near_most", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("start", name="presence_hours_pkey"),
    )
    op.create_index("presence_hours_day", "presence_hours", ["day"])


def downgrade() -> None:
    op.drop_table("presence_hours")
    op.drop_table("opt_outs")
