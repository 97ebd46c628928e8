"""More figures of an hour and of a day, and how many are in the store now."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_INTEGERS = {
    "traffic_hours": (
        "passers_by_low",
        "passers_by_high",
        "visitors_low",
        "visitors_high",
        "entries",
        "bounces",
        "heard_s",
    ),
    "traffic_days": (
        "entries",
        "bounces",
        "dwell_median_low_s",
        "dwell_median_high_s",
        "inside_dbm",
        "outside_dbm",
        "heard_s",
    ),
}
_RATES = ("entry_rate", "entry_rate_low", "entry_rate_high")
_FLOATS = {"traffic_hours": (*_RATES, "inside_mean"), "traffic_days": _RATES}


def upgrade() -> None:
    for table in ("traffic_hours", "traffic_days"):
        for column in _INTEGERS[table]:
            op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))
        for column in _FLOATS[table]:
            op.add_column(table, sa.Column(column, sa.Double(), nullable=True))
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
    for table in ("traffic_hours", "traffic_days"):
        for column in (*_INTEGERS[table], *_FLOATS[table]):
            op.drop_column(table, column)
