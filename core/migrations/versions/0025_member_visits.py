"""Visits of members who agree to have them linked to them."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "member_visits",
        sa.Column("member_id", _KEY, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name="member_visits_member_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("member_id", name="member_visits_pkey"),
    )


def downgrade() -> None:
    op.drop_table("member_visits")
