"""The access log: rows in a chain, its head, its days; and what it calls each session."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KIND = sa.Enum(
    "granted",
    "changed",
    "ended",
    "pass_given",
    "pass_ended",
    "place",
    "clock",
    "read",
    "anchored",
    name="kind",
    native_enum=False,
    length=16,
)
_OPEN = "ended_at IS NULL"


def upgrade() -> None:
    op.create_table(
        "access_records",
        sa.Column("number", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", _KIND, nullable=False),
        sa.Column("session_id", sa.String(26), nullable=True),
        sa.Column("account_lookup", sa.LargeBinary(16), nullable=True),
        sa.Column("device_lookup", sa.LargeBinary(16), nullable=True),
        sa.Column("sealed_body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("number", name="access_records_pkey"),
    )
    op.create_table(
        "access_head",
        sa.Column("id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("day_first", sa.BigInteger(), nullable=False),
        sa.Column("day_before", sa.LargeBinary(32), nullable=False),
        sa.Column("days_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("day_begins", sa.Time(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="access_head_pkey"),
    )
    op.create_table(
        "access_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("hash_before", sa.LargeBinary(32), nullable=False),
        sa.Column("hash_after", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("anchored_at", _MOMENT, nullable=True),
        sa.Column("anchored_where", sa.String(16), nullable=True),
        sa.Column("deleted_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("day", name="access_days_pkey"),
    )
    for table in ("grants", "temporary_passes"):
        column: sa.Column[str] = sa.Column("session_id", sa.String(26), nullable=True)
        op.add_column(table, column)
    # Passes that are over said nothing of it till now, and are not to be noted by the thousand.
    # One that runs just now, for a minute or three, ends with them.
    op.execute(
        "UPDATE temporary_passes SET ended_at = expires_at, end_cause = 'expired'"
        " WHERE ended_at IS NULL"
    )
    op.create_index(
        "temporary_passes_open",
        "temporary_passes",
        ["expires_at"],
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )


def downgrade() -> None:
    op.drop_index("temporary_passes_open", "temporary_passes")
    # What is so named only from here on.
    op.execute(
        "UPDATE temporary_passes SET ended_at = NULL, end_cause = NULL WHERE end_cause = 'expired'"
    )
    for table in ("temporary_passes", "grants"):
        op.drop_column(table, "session_id")
    for table in ("access_days", "access_head", "access_records"):
        op.drop_table(table)
