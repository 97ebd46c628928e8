"""Measures of a grant, its use and challenges; readings of the counters; temporary passes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("grants", schema=None) as batch_op:
        for name, kind in (
            ("extension_s", sa.Integer()),
            ("extensions_left", sa.Integer()),
            ("idle_timeout_s", sa.Integer()),
            ("quota_bytes", sa.BigInteger()),
            ("down_kbit_s", sa.Integer()),
            ("up_kbit_s", sa.Integer()),
            ("bytes_up", sa.BigInteger()),
            ("bytes_down", sa.BigInteger()),
            ("challenges", sa.Integer()),
        ):
            batch_op.add_column(sa.Column(name, kind, server_default="0", nullable=False))
        for name in ("last_active_at", "challenged_at"):
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))

    op.create_table(
        "counter_readings",
        sa.Column(
            "device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("bytes_up", sa.BigInteger(), nullable=False),
        sa.Column("bytes_down", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["devices.id"],
            name="counter_readings_device_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("device_id", name="counter_readings_pkey"),
    )
    _create_temporary_passes()


def _create_temporary_passes() -> None:
    big_integer = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "temporary_passes",
        sa.Column("id", big_integer, nullable=False),
        sa.Column("device_id", big_integer, nullable=False),
        sa.Column(
            "kind", sa.Enum("ios", "android", name="passkind", native_enum=False), nullable=False
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "end_cause",
            sa.Enum("logged_in", "revoked", name="passend", native_enum=False),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["devices.id"],
            name="temporary_passes_device_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="temporary_passes_pkey"),
    )
    op.create_index("temporary_passes_of_device", "temporary_passes", ["device_id", "started_at"])


def downgrade() -> None:
    op.drop_table("temporary_passes")
    op.drop_table("counter_readings")
    with op.batch_alter_table("grants", schema=None) as batch_op:
        for name in (
            "challenged_at",
            "last_active_at",
            "challenges",
            "bytes_down",
            "bytes_up",
            "up_kbit_s",
            "down_kbit_s",
            "quota_bytes",
            "idle_timeout_s",
            "extensions_left",
            "extension_s",
        ):
            batch_op.drop_column(name)
