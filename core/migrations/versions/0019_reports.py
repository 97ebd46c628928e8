"""Reports by mail, each once."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "report_mails",
        sa.Column(
            "kind",
            sa.Enum("day", "week", "month", name="reportkind", native_enum=False),
            nullable=False,
        ),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("recipient", sa.LargeBinary(16), nullable=False),
        sa.Column(
            "state",
            sa.Enum("sending", "waiting", "sent", "refused", name="mailstate", native_enum=False),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "first", "recipient", name="report_mails_pkey"),
    )


def downgrade() -> None:
    op.drop_table("report_mails")
