"""News of other stores passed on; how the line to the CRM is; indexes without what was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PARTIAL = {
    "outbox_events_waiting": "state = 'waiting'",
    "outbox_events_tombstones": "state = 'waiting' AND type = 'doorman.member.erased'",
    "outbox_events_parked": "state = 'parked'",
}


def upgrade() -> None:
    op.create_table(
        "crm_lines",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", _MOMENT, nullable=True),
        sa.Column("open_until", _MOMENT, nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("last_success_at", _MOMENT, nullable=True),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("dropped_at", _MOMENT, nullable=True),
        sa.Column("reconciled_at", _MOMENT, nullable=True),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="crm_lines_pkey"),
    )
    op.drop_index("outbox_events_next", "outbox_events")
    op.drop_index("outbox_events_of_subject", "outbox_events")
    column = sa.Column("source", sa.String(63), nullable=False, server_default="")
    op.add_column("outbox_events", column)
    # SQLite gives the number of a deleted last row to the next one, unless told otherwise.
    with op.batch_alter_table(
        "outbox_events", table_kwargs={"sqlite_autoincrement": True}
    ) as table:
        table.alter_column("source", server_default=None)
    op.create_index("outbox_events_of_subject", "outbox_events", ["subject", "source", "id"])
    for name, rows in _PARTIAL.items():
        op.create_index(
            name,
            "outbox_events",
            ["id"],
            sqlite_where=sa.text(rows),
            postgresql_where=sa.text(rows),
        )


def downgrade() -> None:
    for name in _PARTIAL:
        op.drop_index(name, "outbox_events")
    op.drop_index("outbox_events_of_subject", "outbox_events")
    with op.batch_alter_table("outbox_events") as table:
        table.drop_column("source")
    op.create_index("outbox_events_next", "outbox_events", ["state", "id"])
    op.create_index("outbox_events_of_subject", "outbox_events", ["state", "subject", "id"])
    op.drop_table("crm_lines")
