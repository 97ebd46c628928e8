"""Roles of users, a second factor, sign-ins that can be ended, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ROLE = sa.Enum("manager", "marketer", "it", "auditor", name="role", native_enum=False, length=16)


def upgrade() -> None:
    _extend_users()
    op.create_table(
        "sign_ins",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("token_lookup", sa.LargeBinary(16), nullable=False),
        sa.Column("user_id", _KEY, nullable=False),
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
        "failed_sign_ins",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("name_lookup", sa.LargeBinary(16), nullable=False),
        sa.Column("address_lookup", sa.LargeBinary(16), nullable=False),
        sa.Column("tried_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="failed_sign_ins_pkey"),
    )
    op.create_index("failed_sign_ins_name", "failed_sign_ins", ["name_lookup", "tried_at"])
    op.create_index("failed_sign_ins_address", "failed_sign_ins", ["address_lookup", "tried_at"])
    op.create_table(
        "audit_entries",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("user_name", sa.String(64), nullable=True),
        sa.Column("role", _ROLE, nullable=True),
        sa.Column("address", sa.String(45), nullable=True),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("member", sa.String(26), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("about_user", sa.String(64), nullable=True),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("refused_with", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="audit_entries_pkey"),
    )
    op.create_index("audit_entries_at", "audit_entries", ["at"])
    op.create_index("audit_entries_user_name", "audit_entries", ["user_name", "at"])


def downgrade() -> None:
    for table in ("audit_entries", "failed_sign_ins", "sign_ins"):
        op.drop_table(table)
    with op.batch_alter_table("users", schema=None) as batch_op:
        for column in ("role", "sealed_totp_secret", "totp_since", "totp_step"):
            batch_op.drop_column(column)


def _extend_users() -> None:
    """Who could see everything until now goes on doing so."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("role", _ROLE, nullable=True))
        batch_op.add_column(sa.Column("sealed_totp_secret", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("totp_since", _MOMENT, nullable=True))
        batch_op.add_column(sa.Column("totp_step", sa.Integer(), nullable=True))
    op.execute(sa.update(sa.table("users", sa.column("role", sa.String()))).values(role="manager"))
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.alter_column("role", existing_type=_ROLE, nullable=False)
