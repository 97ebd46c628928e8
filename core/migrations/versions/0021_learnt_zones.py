"""The thresholds that each day's own signals show."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_COLUMNS = ("learnt_inside_dbm", "learnt_outside_dbm")


def upgrade() -> None:
    for column in _COLUMNS:
        op.add_column("traffic_days", sa.Column(column, sa.Integer(), nullable=True))


def downgrade() -> None:
    for column in _COLUMNS:
        op.drop_column("traffic_days", column)
