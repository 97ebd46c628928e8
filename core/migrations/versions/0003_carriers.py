"""Who carried a code, and what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATES = ("begun", "taken", "delivered", "lost")


def upgrade() -> None:
    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("code_carrier", sa.String(16), nullable=True))
    with op.batch_alter_table("code_sends", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "login_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column(
                "state",
                sa.Enum(*_STATES, name="sendstate", native_enum=False, create_constraint=False),
                server_default="taken",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("carrier", sa.String(16), nullable=True))
        batch_op.add_column(sa.Column("message_id", sa.String(64), nullable=True))
        batch_op.create_foreign_key(
            "code_sends_login_id_fkey", "logins", ["login_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index("code_sends_login_id", ["login_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("code_sends", schema=None) as batch_op:
        batch_op.drop_index("code_sends_login_id")
        batch_op.drop_constraint("code_sends_login_id_fkey", type_="foreignkey")
        for name in ("message_id", "carrier", "state", "login_id"):
            batch_op.drop_column(name)
    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.drop_column("code_carrier")
