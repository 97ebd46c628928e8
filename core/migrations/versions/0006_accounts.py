"""Logins and consents by whatever account, not by phone number alone."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WAYS = ("sms", "email", "wechat", "voucher", "sponsor", "device")


def upgrade() -> None:
    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.drop_index("logins_of_phone")
        batch_op.alter_column(
            "phone_lookup",
            new_column_name="account_lookup",
            existing_type=sa.LargeBinary(16),
            nullable=True,
        )
        batch_op.alter_column(
            "sealed_phone",
            new_column_name="sealed_account",
            existing_type=sa.LargeBinary(),
            nullable=True,
        )
        batch_op.alter_column(
            "state", existing_type=sa.String(9), type_=sa.String(16), existing_nullable=False
        )
        batch_op.add_column(
            sa.Column(
                "way",
                sa.Enum(*_WAYS, name="loginway", native_enum=False, length=16),
                server_default="sms",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("sealed_keys", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index("consents_of_phone")
        batch_op.alter_column("phone_lookup", new_column_name="account_lookup")
    with op.batch_alter_table("code_sends", schema=None) as batch_op:
        batch_op.drop_index("code_sends_of_number")
        batch_op.alter_column("phone_lookup", new_column_name="account_lookup")
    op.create_index("logins_of_account", "logins", ["account_lookup", "started_at"])
    op.create_index("consents_of_account", "consents", ["account_lookup", "purpose"])
    op.create_index("code_sends_of_account", "code_sends", ["account_lookup", "sent_at"])


def downgrade() -> None:
    with op.batch_alter_table("code_sends", schema=None) as batch_op:
        batch_op.drop_index("code_sends_of_account")
        batch_op.alter_column("account_lookup", new_column_name="phone_lookup")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index("consents_of_account")
        batch_op.alter_column("account_lookup", new_column_name="phone_lookup")
    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.drop_index("logins_of_account")
        batch_op.drop_column("sealed_keys")
        batch_op.drop_column("way")
        batch_op.alter_column(
            "state", existing_type=sa.String(16), type_=sa.String(9), existing_nullable=False
        )
        batch_op.alter_column(
            "sealed_account",
            new_column_name="sealed_phone",
            existing_type=sa.LargeBinary(),
            nullable=False,
        )
        batch_op.alter_column(
            "account_lookup",
            new_column_name="phone_lookup",
            existing_type=sa.LargeBinary(16),
            nullable=False,
        )
    op.create_index("code_sends_of_number", "code_sends", ["phone_lookup", "sent_at"])
    op.create_index("consents_of_phone", "consents", ["phone_lookup", "purpose"])
    op.create_index("logins_of_phone", "logins", ["phone_lookup", "started_at"])
