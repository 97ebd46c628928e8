"""Who may open the fleet's pages: users, their regions and sign-ins, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_LOOKUP = sa.LargeBinary(length=16)
_ROLE = sa.Enum("manager", "marketer", "it", "auditor", name="role", native_enum=False, length=16)


def upgrade() -> None:
    _users()
    op.create_table(
        "audit_entries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=True),
        sa.Column("role", _ROLE, nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("member", sa.String(length=26), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("about_user", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("refused_with", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="audit_entries_pkey"),
    )
    op.create_index("audit_entries_at", "audit_entries", ["at"])
    op.create_index("audit_entries_user_name", "audit_entries", ["user_name", "at"])
    op.create_table(
        "failed_sign_ins",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name_lookup", _LOOKUP, nullable=False),
        sa.Column("address_lookup", _LOOKUP, nullable=False),
        sa.Column("tried_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="failed_sign_ins_pkey"),
    )
    op.create_index("failed_sign_ins_name", "failed_sign_ins", ["name_lookup", "tried_at"])
    op.create_index("failed_sign_ins_address", "failed_sign_ins", ["address_lookup", "tried_at"])


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", _ROLE, nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("sealed_totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_since", _MOMENT, nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="users_pkey"),
        sa.UniqueConstraint("name", name="users_name_key"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", _ID, nullable=False),
        sa.Column("token_lookup", _LOOKUP, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="sign_ins_user_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="sign_ins_pkey"),
        sa.UniqueConstraint("token_lookup", name="sign_ins_token_lookup_key"),
    )
    op.create_index("sign_ins_user_id", "sign_ins", ["user_id"])
    op.create_table(
        "user_regions",
        sa.Column("user_id", _ID, autoincrement=False, nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="user_regions_user_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name="user_regions_pkey"),
    )


def downgrade() -> None:
    for table in ("user_regions", "sign_ins", "users", "failed_sign_ins", "audit_entries"):
        op.drop_table(table)
