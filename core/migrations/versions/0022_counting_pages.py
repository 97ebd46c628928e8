"""How far the taps of each page that counts have come in."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "counting_pages",
        sa.Column("session_id", _KEY, nullable=False),
        sa.Column("page", sa.String(16), nullable=False),
        sa.Column("last_tap", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["counting_sessions.id"],
            name="counting_pages_session_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "page", name="counting_pages_pkey"),
    )


def downgrade() -> None:
    op.drop_table("counting_pages")
