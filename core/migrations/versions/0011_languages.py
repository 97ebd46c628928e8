"""Five languages, of which one has more than two letters."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLES = ("logins", "members", "consents")


def upgrade() -> None:
    _widen(sa.String(2), sa.String(8))


def downgrade() -> None:
    for table in _TABLES:
        rows = sa.table(table, sa.column("language", sa.String()))
        op.execute(sa.update(rows).values(language=sa.func.substr(rows.c.language, 1, 2)))
    _widen(sa.String(8), sa.String(2))


def _widen(before: sa.String, after: sa.String) -> None:
    for table in _TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column(
                "language", existing_type=before, type_=after, existing_nullable=False
            )
