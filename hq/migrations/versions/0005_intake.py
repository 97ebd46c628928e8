"""What stores send: the inbox, members of the chain, days and hours, and news for the CRM."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LOOKUP = sa.LargeBinary(16)
_TABLES = (
    "chain_identities",
    "chain_links",
    "chain_members",
    "crm_lines",
    "inbox",
    "inbox_batches",
    "outbox_events",
    "parked_events",
    "store_days",
    "store_hours",
)


def upgrade() -> None:
    _inbox()
    _chain()
    _traffic()
    _outbox()


def _inbox() -> None:
    op.create_table(
        "inbox_batches",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("sealed_body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="inbox_batches_pkey"),
        _of_store("inbox_batches"),
    )
    op.create_table(
        "inbox",
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.Column("event_id", sa.String(26), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("occurred_at", _MOMENT, nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(7), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "event_id", name="inbox_pkey"),
    )
    _index_of("inbox_waiting", "inbox", ["store_id", "batch_id", "position"], "state = 'waiting'")
    op.create_table(
        "parked_events",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.Column("event_id", sa.String(26), nullable=False),
        sa.Column("parked_at", _MOMENT, nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("sealed_data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="parked_events_pkey"),
        sa.UniqueConstraint("store_id", "event_id", name="parked_events_store_id_event_id_key"),
        _of_store("parked_events"),
    )


def _chain() -> None:
    op.create_table(
        "chain_members",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("public_id", sa.String(26), nullable=False),
        sa.Column("enrolled_at", _MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("told", _LOOKUP, nullable=True),
        sa.Column("told_attribution", _LOOKUP, nullable=True),
        sa.PrimaryKeyConstraint("id", name="chain_members_pkey"),
        sa.UniqueConstraint("public_id", name="chain_members_public_id_key"),
    )
    op.create_table(
        "chain_links",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.Column("store_member", sa.String(26), nullable=False),
        sa.Column("member_id", _KEY, nullable=True),
        sa.Column("into_id", _KEY, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("enrolled_at", _MOMENT, nullable=False),
        sa.Column("consents", sa.JSON(), nullable=False),
        sa.Column("sealed_attribution", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", _MOMENT, nullable=True),
        sa.Column("is_erased", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="chain_links_pkey"),
        sa.UniqueConstraint(
            "store_id", "store_member", name="chain_links_store_id_store_member_key"
        ),
        _of_store("chain_links"),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["chain_members.id"],
            name="chain_links_member_id_fkey",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["into_id"], ["chain_links.id"], name="chain_links_into_id_fkey", ondelete="SET NULL"
        ),
    )
    op.create_index("chain_links_member_id", "chain_links", ["member_id"])
    op.create_index("chain_links_into_id", "chain_links", ["into_id"])
    op.create_table(
        "chain_identities",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("link_id", _KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("lookup", _LOOKUP, nullable=False),
        sa.Column("sealed_value", sa.LargeBinary(), nullable=False),
        sa.Column("first_at", _MOMENT, nullable=False),
        sa.Column("verified_at", _MOMENT, nullable=False),
        sa.Column("bound_at", _MOMENT, nullable=True),
        sa.Column("gone_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="chain_identities_pkey"),
        sa.UniqueConstraint(
            "link_id", "kind", "lookup", name="chain_identities_link_id_kind_lookup_key"
        ),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["chain_links.id"],
            name="chain_identities_link_id_fkey",
            ondelete="CASCADE",
        ),
    )
    op.create_index("chain_identities_lookup", "chain_identities", ["lookup"])


def _traffic() -> None:
    figures = ("passers_by", "visitors", "entry_rate", "dwell_median_s")
    op.create_table(
        "store_days",
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("told_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        *(sa.Column(name, sa.Double(), nullable=True) for name in figures),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "day", name="store_days_pkey"),
        _of_store("store_days"),
    )
    op.create_index(
        "store_days_of_fleet",
        "store_days",
        ["day", "store_id", "visitors", "passers_by", "entry_rate", "dwell_median_s"],
    )
    op.create_table(
        "store_hours",
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.Column("start", _MOMENT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("told_at", _MOMENT, nullable=False),
        sa.Column("passers_by", sa.Double(), nullable=True),
        sa.Column("visitors", sa.Double(), nullable=True),
        sa.Column("inside_mean", sa.Double(), nullable=True),
        sa.Column("heard_s", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "start", name="store_hours_pkey"),
        _of_store("store_hours"),
    )
    op.create_index("store_hours_of_day", "store_hours", ["day", "store_id"])


def _outbox() -> None:
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
    op.create_table(
        "outbox_events",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("event_id", sa.String(26), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("source", sa.String(63), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("occurred_at", _MOMENT, nullable=False),
        sa.Column("sealed_data", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(7), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=False),
        sa.Column("last_error", sa.String(200), nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="outbox_events_pkey"),
        sa.UniqueConstraint("event_id", name="outbox_events_event_id_key"),
        # As in the stores: a number is never given twice.
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_events_of_subject", "outbox_events", ["subject", "source", "id"])
    waiting = "state = 'waiting'"
    _index_of("outbox_events_waiting", "outbox_events", ["id"], waiting)
    tombstones = f"{waiting} AND type = 'doorman.member.erased'"
    _index_of("outbox_events_tombstones", "outbox_events", ["id"], tombstones)
    _index_of("outbox_events_parked", "outbox_events", ["id"], "state = 'parked'")


def _of_store(table: str) -> sa.ForeignKeyConstraint:
    name = f"{table}_store_id_fkey"
    return sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=name, ondelete="CASCADE")


def _index_of(name: str, table: str, columns: list[str], rows: str) -> None:
    where = sa.text(rows)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
