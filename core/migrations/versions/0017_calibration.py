"""Walks through the store, which give thresholds, and people counted at the door."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_STATIONS = ("pavement", "door", "back", "off")


def upgrade() -> None:
    op.create_table(
        "walks",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("user_name", sa.String(64), nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("accepted_at", _MOMENT, nullable=True),
        sa.Column("withdrawn_at", _MOMENT, nullable=True),
        sa.Column("inside_dbm", sa.Integer(), nullable=True),
        sa.Column("outside_dbm", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="walks_pkey"),
    )
    op.create_index("walks_accepted_at", "walks", ["accepted_at"])
    op.create_table(
        "walk_stations",
        sa.Column("walk_id", _KEY, nullable=False),
        sa.Column(
            "station",
            sa.Enum(*_STATIONS, name="station", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("median_dbm", sa.Integer(), nullable=True),
        sa.Column("low_dbm", sa.Integer(), nullable=True),
        sa.Column("high_dbm", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["walk_id"], ["walks.id"], name="walk_stations_walk_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("walk_id", "station", name="walk_stations_pkey"),
    )
    op.create_table(
        "counting_sessions",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("user_name", sa.String(64), nullable=False),
        sa.Column(
            "source",
            sa.Enum("hand", "counter", name="countsource", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=True),
        sa.Column("rules", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="counting_sessions_pkey"),
    )
    op.create_index("counting_sessions_begun_at", "counting_sessions", ["begun_at"])


def downgrade() -> None:
    for table in ("counting_sessions", "walk_stations", "walks"):
        op.drop_table(table)
