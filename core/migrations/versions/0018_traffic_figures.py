"""More figures of an hour and of a day, and how many are in the store now."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_INTEGERS = {
    "traffic_hours": ("entries", "bounces", "heard_s"),
    "traffic_days": ("entries", "bounces", "inside_dbm", "outside_dbm", "heard_s"),
}
# Intervals are made of what is shown.
_DROPPED = ("passers_by_low", "passers_by_high", "visitors_low", "visitors_high")


def upgrade() -> None:
    for table in ("traffic_hours", "traffic_days"):
        for column in _INTEGERS[table]:
            op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))
    op.add_column("traffic_hours", sa.Column("inside_mean", sa.Double(), nullable=True))
    for column in _DROPPED:
        op.drop_column("traffic_days", column)
    op.create_table(
        "traffic_now",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("devices", sa.Integer(), nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("high", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="traffic_now_pkey"),
    )


def downgrade() -> None:
    op.drop_table("traffic_now")
    for column in _DROPPED:
        added = sa.Column(column, sa.Integer(), nullable=False, server_default="0")
        op.add_column("traffic_days", added)
    op.drop_column("traffic_hours", "inside_mean")
    for table in ("traffic_hours", "traffic_days"):
        for column in _INTEGERS[table]:
            op.drop_column(table, column)
