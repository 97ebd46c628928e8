"""Vouchers, guests of the staff, codes by e-mail, and phones that are to be forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_WAYS = ("sms", "email", "wechat", "voucher", "sponsor", "device")


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "voucher_batches",
        sa.Column("id", key, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("uses_each", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("speed_kbit_s", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("revoked_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="voucher_batches_pkey"),
    )
    op.create_table(
        "vouchers",
        sa.Column("id", key, nullable=False),
        sa.Column("batch_id", key, nullable=False),
        sa.Column("lookup", sa.LargeBinary(16), nullable=False),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["voucher_batches.id"], name="vouchers_batch_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="vouchers_pkey"),
        sa.UniqueConstraint("lookup", name="vouchers_lookup_key"),
    )
    op.create_index("vouchers_batch_id", "vouchers", ["batch_id"])
    op.create_table(
        "voucher_uses",
        sa.Column("id", key, nullable=False),
        sa.Column("voucher_id", key, nullable=False),
        sa.Column("device_id", key, nullable=True),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["voucher_id"], ["vouchers.id"], name="voucher_uses_voucher_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name="voucher_uses_device_id_fkey", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="voucher_uses_pkey"),
    )
    op.create_index("voucher_uses_of_voucher", "voucher_uses", ["voucher_id", "device_id"])
    op.create_index("voucher_uses_device_id", "voucher_uses", ["device_id"])
    op.create_table(
        "voucher_tries",
        sa.Column("id", key, nullable=False),
        sa.Column("device_id", key, nullable=False),
        sa.Column("tried_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name="voucher_tries_device_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="voucher_tries_pkey"),
    )
    op.create_index("voucher_tries_of_device", "voucher_tries", ["device_id", "tried_at"])
    op.create_table(
        "sponsor_requests",
        sa.Column("id", key, nullable=False),
        sa.Column("login_id", key, nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("match_number", sa.String(4), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column(
            "decision",
            sa.Enum("let_in", "refused", name="decision", native_enum=False, length=16),
            nullable=True,
        ),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["login_id"], ["logins.id"], name="sponsor_requests_login_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="sponsor_requests_pkey"),
        sa.UniqueConstraint("login_id", name="sponsor_requests_login_id_key"),
    )
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forgotten_at", moment, nullable=True))
    with op.batch_alter_table("code_sends", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "way",
                sa.Enum(*_WAYS, name="loginway", native_enum=False, length=16),
                server_default="sms",
                nullable=False,
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("code_sends", schema=None) as batch_op:
        batch_op.drop_column("way")
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.drop_column("forgotten_at")
    for table in (
        "sponsor_requests",
        "voucher_tries",
        "voucher_uses",
        "vouchers",
        "voucher_batches",
    ):
        op.drop_table(table)
