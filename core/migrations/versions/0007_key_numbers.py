"""Sealed fields begin with the number of their key: what there is was sealed with the first."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In SQLite `||` makes text of octets, the same ones; the cast makes octets of it again.
    _rewrite(lambda sealed: sa.cast(sa.literal(b"\x01").op("||")(sealed), sa.LargeBinary))


def downgrade() -> None:
    _rewrite(lambda sealed: sa.func.substr(sealed, 2))


def _rewrite(form: Callable[[sa.ColumnElement[bytes]], sa.ColumnElement[bytes]]) -> None:
    found = sa.inspect(op.get_bind())
    for table in found.get_table_names():
        for column in found.get_columns(table):
            if column["name"].startswith("sealed_"):
                sealed = sa.column(column["name"], sa.LargeBinary)
                rows = sa.update(sa.table(table, sealed))
                # What was emptied stays empty.
                op.execute(rows.where(sa.func.length(sealed) > 0).values({sealed: form(sealed)}))
