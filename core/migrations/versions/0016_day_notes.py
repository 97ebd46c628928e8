"""What the staff write down about days."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KINDS = ("window", "campaign", "holiday", "weather", "closed", "sensor_moved", "other")


def upgrade() -> None:
    op.create_table(
        "day_notes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column(
            "kind", sa.Enum(*_KINDS, name="notekind", native_enum=False, length=16), nullable=False
        ),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="day_notes_pkey"),
    )
    op.create_index("day_notes_last", "day_notes", ["last"])


def downgrade() -> None:
    op.drop_table("day_notes")
