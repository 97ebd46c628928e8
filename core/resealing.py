"""Seals every personal field anew with the newest key, while programs go on working.

Which columns are sealed is known by their type (`core.models.base.Sealed`); the place that
is authenticated with each value is the column's own name.
"""

import collections
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from core.database import Database
from core.models.base import SealedBinary
from core.sealing import SealBrokenError, Sealer

# Of a transaction: short, so that no shopper waits for it.
BATCH = 100
# Rows that others hold are left for the next pass.
_PASSES = 20
_PAUSE_S = 0.5


def columns(metadata: sa.MetaData) -> list[sa.Column[bytes]]:
    """Every sealed column, in the order of its table's and its own name."""
    return [
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, SealedBinary)
    ]


def place(column: sa.Column[bytes]) -> str:
    return f"{column.table.name}.{column.name}"


def census(database: Database, metadata: sa.MetaData) -> collections.Counter[int]:
    """How many fields each key has sealed, by its number."""
    found: collections.Counter[int] = collections.Counter()
    with database.reading() as session:
        for column in columns(metadata):
            number = _number(column)
            query = sa.select(number, sa.func.count()).where(_is_filled(column)).group_by(number)
            for octet, count in session.execute(query):
                found[octet[0]] += count
    return found


def try_keys(database: Database, sealer: Sealer, metadata: sa.MetaData) -> None:
    """Open one field of each column and key; SealBrokenError if one does not open."""
    with database.reading() as session:
        for column in columns(metadata):
            numbers = sa.select(_number(column)).where(_is_filled(column)).distinct()
            for octet in session.scalars(numbers).all():
                one = sa.select(column).where(_number(column) == octet).limit(1)
                # None: deleted meanwhile.
                sealed = session.scalar(one)
                if sealed:
                    sealer.open(place(column), sealed)


class Resealing:
    """One way through a database. May be killed at any moment and begun anew.

    Each batch is a transaction, after which others get as long a turn as it took. A row that
    somebody else has locked is passed over and looked at again; one that does not open is
    left as it is.
    """

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        metadata: sa.MetaData,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database, self._sealer, self._metadata = database, sealer, metadata
        self._sleep = sleep
        self.resealed = 0
        self.broken: collections.Counter[str] = collections.Counter()
        """How many fields of each place do not open."""

    def run(self) -> None:
        for number in range(_PASSES):
            if number:
                self._sleep(_PAUSE_S)
            self.broken.clear()
            for column in columns(self._metadata):
                self._pass(column)
            if self._left() <= self.broken.total():
                return

    def _left(self) -> int:
        found = census(self._database, self._metadata)
        return found.total() - found[self._sealer.newest_key()]

    def _pass(self, column: sa.Column[bytes]) -> None:
        (key,) = column.table.primary_key
        after: Any = None
        while True:
            began = time.monotonic()
            with self._database.writing() as session:
                query = self._batch(column, key, after)
                rows = session.execute(query).all()
                changes = list(self._resealed(column, rows))
                if changes:
                    changed = (
                        sa.update(column.table)
                        .where(key == sa.bindparam("of_key"))
                        .values({column: sa.bindparam("sealed_anew")})
                    )
                    session.connection().execute(changed, changes)
            self.resealed += len(changes)
            if len(rows) < BATCH:
                return
            after = rows[-1][0]
            self._sleep(time.monotonic() - began)

    def _batch(
        self, column: sa.Column[bytes], key: sa.Column[Any], after: Any
    ) -> sa.Select[Any, bytes]:
        newest = bytes([self._sealer.newest_key()])
        query = (
            sa.select(key, column)
            .where(_is_filled(column), _number(column) != newest)
            .order_by(key)
            .limit(BATCH)
            # On PostgreSQL; who waits for nobody's lock is part of no deadlock.
            .with_for_update(skip_locked=True, key_share=True)
        )
        return query if after is None else query.where(key > after)

    def _resealed(
        self, column: sa.Column[bytes], rows: Sequence[sa.Row[Any, bytes]]
    ) -> Iterator[dict[str, Any]]:
        where = place(column)
        for key, sealed in rows:
            try:
                value = self._sealer.open(where, sealed)
            except SealBrokenError:
                self.broken[where] += 1
            else:
                yield {"of_key": key, "sealed_anew": self._sealer.seal(where, value)}


def _number(column: sa.Column[bytes]) -> sa.ColumnElement[bytes]:
    return sa.func.substr(column, 1, 1, type_=sa.LargeBinary)


def _is_filled(column: sa.Column[bytes]) -> sa.ColumnElement[bool]:
    """What has been emptied has neither key nor content."""
    return sa.func.length(column) > 0
