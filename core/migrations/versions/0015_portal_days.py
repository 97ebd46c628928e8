"""How far phones come at the portal, and what a day there came to."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STEPS = ("asked", "online", "member", "marketing", "clicked")
_COUNTS = (
    "saw",
    *_STEPS,
    "first_visit",
    "back_7",
    "back_30",
    "back_90",
    "back_later",
    "enrolled",
)


def upgrade() -> None:
    op.create_table(
        "portal_phones",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mark", sa.LargeBinary(16), nullable=False),
        *(
            sa.Column(step, sa.Boolean(), server_default=sa.false(), nullable=False)
            for step in _STEPS
        ),
        sa.PrimaryKeyConstraint("day", "mark", name="portal_phones_pkey"),
    )
    op.create_table(
        "portal_days",
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(count, sa.Integer(), nullable=False) for count in _COUNTS),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("day", name="portal_days_pkey"),
    )
    op.create_table(
        "enrolment_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source_id", _KEY, nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name="enrolment_days_source_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("day", "source_id", name="enrolment_days_pkey"),
    )
    op.create_index("enrolment_days_source_id", "enrolment_days", ["source_id"])


def downgrade() -> None:
    for table in ("enrolment_days", "portal_days", "portal_phones"):
        op.drop_table(table)
