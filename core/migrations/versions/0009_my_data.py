"""Wordings in full, and what a proof by code is for."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_PURPOSES = ("terms", "membership", "marketing", "visit_analytics")
_SERVES = ("internet", "my_data", "new_number")


def upgrade() -> None:
    op.create_table(
        "wordings",
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(*_PURPOSES, name="purpose", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name="wordings_pkey"),
    )
    op.add_column(
        "logins",
        sa.Column(
            "serves",
            sa.Enum(*_SERVES, name="serves", native_enum=False, length=16),
            server_default="internet",
            nullable=False,
        ),
    )


def downgrade() -> None:
    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.drop_column("serves")
    op.drop_table("wordings")
