"""First tables of headquarters: stores and logins by WeChat."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_tokens",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_token", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("app_id", name="access_tokens_pkey"),
    )
    op.create_table(
        "receipts",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="receipts_pkey"),
    )
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.create_index("receipts_received_at", ["received_at"], unique=False)

    op.create_table(
        "stores",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("portal_urls", sa.JSON(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="stores_pkey"),
    )
    op.create_table(
        "bindings",
        sa.Column("lookup", sa.LargeBinary(length=16), nullable=False),
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.id"], name="bindings_store_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lookup", "store_id", name="bindings_pkey"),
    )
    op.create_table(
        "wechat_logins",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("return_url", sa.String(length=500), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("match_code", sa.String(length=4), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.id"], name="wechat_logins_store_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="wechat_logins_pkey"),
    )
    with op.batch_alter_table("wechat_logins", schema=None) as batch_op:
        batch_op.create_index("wechat_logins_expires_at", ["expires_at"], unique=False)
        batch_op.create_index("wechat_logins_of_store", ["store_id", "begun_at"], unique=False)

    op.create_table(
        "withdrawals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store_id", sa.String(length=63), nullable=False),
        sa.Column("sealed_user", sa.LargeBinary(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.id"], name="withdrawals_store_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="withdrawals_pkey"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("withdrawals", schema=None) as batch_op:
        batch_op.create_index("withdrawals_of_store", ["store_id", "id"], unique=False)

    op.create_table(
        "proofs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("login_id", sa.String(length=32), nullable=False),
        sa.Column(
            "way",
            sa.Enum("mini_program", "follow", "oauth", "website", name="way", native_enum=False),
            nullable=False,
        ),
        sa.Column("token_lookup", sa.LargeBinary(length=16), nullable=True),
        sa.Column("sealed_identity", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redeemed_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["login_id"], ["wechat_logins.id"], name="proofs_login_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="proofs_pkey"),
        sa.UniqueConstraint("token_lookup", name="proofs_token_lookup_key"),
    )
    with op.batch_alter_table("proofs", schema=None) as batch_op:
        batch_op.create_index("proofs_login_id", ["login_id"], unique=False)


def downgrade() -> None:
    op.drop_table("proofs")
    op.drop_table("withdrawals")
    op.drop_table("wechat_logins")
    op.drop_table("bindings")
    op.drop_table("stores")
    op.drop_table("receipts")
    op.drop_table("access_tokens")
