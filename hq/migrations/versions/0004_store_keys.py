"""Several keys a store, stores on the map, and what each sent in its last minute.

A key is sealed for its place, and this one is a new place: `hq.store_keys.move_in` seals those that
there were anew, at the next start of headquarters.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "store_keys",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="store_keys_pkey"),
        _of_store("store_keys"),
    )
    op.create_index("store_keys_store_id", "store_keys", ["store_id"])
    op.execute(
        "INSERT INTO store_keys (store_id, sealed_key, made_at)"
        " SELECT id, sealed_key, added_at FROM stores"
    )
    with op.batch_alter_table("stores") as table:
        for name in ("name", "region"):
            table.add_column(sa.Column(name, sa.String(80), nullable=False, server_default=""))
        table.add_column(sa.Column("latitude", sa.Double(), nullable=True))
        table.add_column(sa.Column("longitude", sa.Double(), nullable=True))
        table.drop_column("sealed_key")
    with op.batch_alter_table("stores") as table:
        for name in ("name", "region"):
            table.alter_column(name, server_default=None)
    op.create_table(
        "store_minutes",
        sa.Column("store_id", sa.String(63), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("octets", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", name="store_minutes_pkey"),
        _of_store("store_minutes"),
    )


def _of_store(table: str) -> sa.ForeignKeyConstraint:
    name = f"{table}_store_id_fkey"
    return sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_table("store_minutes")
    op.drop_table("store_keys")
    with op.batch_alter_table("stores") as table:
        for name in ("name", "region", "latitude", "longitude"):
            table.drop_column(name)
        table.add_column(
            sa.Column("sealed_key", sa.LargeBinary(), nullable=False, server_default="")
        )
