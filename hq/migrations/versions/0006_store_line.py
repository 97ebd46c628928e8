"""The line to stores: their health, pushed versions, text messages, orders to erase."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = (
    "erasure_orders",
    "sms_sends",
    "pushed_audiences",
    "pushed_versions",
    "signing_keys",
    "store_health",
)


def upgrade() -> None:
    _health()
    _pushed()
    _sms()
    op.create_table(
        "erasure_orders",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.Column("store_member", sa.String(26), nullable=False),
        sa.Column("ordered_at", _MOMENT, nullable=False),
        sa.Column("done_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="erasure_orders_pkey"),
        _of_store("erasure_orders"),
        sa.UniqueConstraint(
            "store_id", "store_member", name="erasure_orders_store_id_store_member_key"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("erasure_orders_of_store", "erasure_orders", ["store_id", "done_at"])
    op.create_index("erasure_orders_done_at", "erasure_orders", ["done_at"])


def _health() -> None:
    op.create_table(
        "store_health",
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.Column("heard_at", _MOMENT, nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("outbox_waiting", sa.Integer(), nullable=False),
        sa.Column("outbox_oldest_at", _MOMENT, nullable=True),
        sa.Column("outbox_parked", sa.Integer(), nullable=False),
        sa.Column("certificate_until", _MOMENT, nullable=True),
        sa.Column("sensors", sa.JSON(), nullable=False),
        sa.Column("sensor_state", sa.String(16), nullable=True),
        sa.Column("pushed_version", sa.Integer(), nullable=True),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("pushed_trouble", sa.String(32), nullable=False),
        sa.Column("clock_off_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", name="store_health_pkey"),
        _of_store("store_health"),
    )
    op.create_index("store_health_heard_at", "store_health", ["heard_at"])


def _pushed() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="signing_keys_pkey"),
    )
    op.create_table(
        "pushed_versions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "scope",
            sa.Enum("chain", "region", "store", name="scope", native_enum=False, length=8),
            nullable=False,
        ),
        sa.Column("target", sa.String(80), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=False),
        sa.Column("published_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pushed_versions_pkey"),
    )
    op.create_table(
        "pushed_audiences",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.PrimaryKeyConstraint("number", "store_id", name="pushed_audiences_pkey"),
        sa.ForeignKeyConstraint(
            ["number"],
            ["pushed_versions.number"],
            name="pushed_audiences_number_fkey",
            ondelete="CASCADE",
        ),
        _of_store("pushed_audiences"),
    )
    op.create_index("pushed_audiences_of_store", "pushed_audiences", ["store_id", "number"])


def _sms() -> None:
    states = ("begun", "taken", "not_taken")
    op.create_table(
        "sms_sends",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.Column("message_id", sa.String(26), nullable=False),
        sa.Column("number_lookup", sa.LargeBinary(16), nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=False),
        sa.Column(
            "state", sa.Enum(*states, name="smsstate", native_enum=False, length=16), nullable=False
        ),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("carrier", sa.String(16), nullable=True),
        sa.Column("carrier_message_id", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="sms_sends_pkey"),
        _of_store("sms_sends"),
        sa.UniqueConstraint("store_id", "message_id", name="sms_sends_store_id_message_id_key"),
    )
    for name, columns in (
        ("sms_sends_of_store", ["store_id", "sent_at"]),
        ("sms_sends_of_number", ["number_lookup", "sent_at"]),
        ("sms_sends_of_day", ["sent_at"]),
    ):
        op.create_index(name, "sms_sends", columns)


def _of_store(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["store_id"], ["stores.id"], name=f"{table}_store_id_fkey", ondelete="CASCADE"
    )


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
