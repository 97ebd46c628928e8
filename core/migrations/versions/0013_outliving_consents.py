"""Consents outlive their member; a login by WeChat says when its number was proven."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEY = "consents_member_id_fkey"


def upgrade() -> None:
    _when_a_member_goes("SET NULL")
    op.add_column(
        "logins", sa.Column("number_proven_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.drop_column("number_proven_at")
    _when_a_member_goes("CASCADE")


def _when_a_member_goes(ondelete: str) -> None:
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_constraint(_KEY, type_="foreignkey")
        batch_op.create_foreign_key(_KEY, "members", ["member_id"], ["id"], ondelete=ondelete)
