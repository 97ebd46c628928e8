"""Who was erased or merged is known for longer than the row of the news of it."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gone_members",
        sa.Column("public_id", sa.String(26), nullable=False),
        sa.Column("into_id", sa.String(26), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("public_id", name="gone_members_pkey"),
    )
    op.execute(
        "INSERT INTO gone_members (public_id, gone_at) SELECT subject, max(occurred_at)"
        " FROM outbox_events WHERE type = 'doorman.member.erased' GROUP BY subject"
    )


def downgrade() -> None:
    op.drop_table("gone_members")
