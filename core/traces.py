"""Looks for somebody in every column of every table, and says where they are.

Sealed fields are opened, blind indexes asked, what lies open is read. It goes by the columns'
types, so that a table that is made tomorrow is looked through as well.
"""

import collections
import dataclasses
import json
from collections.abc import Collection, Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.base import LookupBinary, SealedBinary
from core.sealing import SealBrokenError, Sealer

_AT_ONCE = 500
# What blind indexes are made of, here and at headquarters.
_KINDS = ("phone", "email", "openid", "unionid", "mac", "sms_number")
_OF_FOLLOWERS = "wechat_user"


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Sought:
    """What somebody is known by: a number in E.164, `appid:openid`, a mail address, a MAC."""

    values: frozenset[bytes]
    lookups: frozenset[bytes]

    @classmethod
    def of(cls, sealer: Sealer, values: Collection[bytes]) -> "Sought":
        lookups = {sealer.lookup(kind, value) for kind in _KINDS for value in values}
        # There an openid stands beside its appid, with another sign between them.
        lookups |= {sealer.lookup(_OF_FOLLOWERS, value.replace(b":", b"\0", 1)) for value in values}
        return cls(frozenset(_as_written(values)), frozenset(lookups))

    def is_in(self, octets: bytes) -> bool:
        return any(value in octets for value in self.values)


@dataclasses.dataclass(slots=True)
class Traces:
    places: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    """How many fields of each `table.column` tell of them."""
    closed: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    """How many do not open, so that nobody can say."""


def find(session: Session, sealer: Sealer, sought: Sought, metadata: sa.MetaData) -> Traces:
    found = Traces()
    for table in metadata.sorted_tables:
        for column in table.columns:
            place = f"{table.name}.{column.name}"
            if isinstance(column.type, LookupBinary):
                count = sa.select(sa.func.count()).where(column.in_(sought.lookups))
                found.places[place] += session.scalar(count) or 0
            elif isinstance(column.type, SealedBinary):
                _open_all(session, sealer, sought, column, found)
            elif isinstance(column.type, sa.Enum):
                # Words of ours.
                continue
            elif isinstance(column.type, (sa.String, sa.LargeBinary, sa.JSON)):
                found.places[place] += sum(
                    sought.is_in(_octets(value)) for value in _values(session, column)
                )
    found.places += collections.Counter()
    return found


def _open_all(
    session: Session, sealer: Sealer, sought: Sought, column: sa.Column[bytes], found: Traces
) -> None:
    place = f"{column.table.name}.{column.name}"
    for value in _values(session, column):
        try:
            found.places[place] += bool(value) and sought.is_in(sealer.open(place, bytes(value)))
        except SealBrokenError:
            found.closed[place] += 1


def _values(session: Session, column: sa.Column[bytes]) -> Iterator[bytes]:
    every = sa.select(column).where(column.is_not(None)).execution_options(yield_per=_AT_ONCE)
    yield from session.scalars(every)


def _octets(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode()


def _as_written(values: Collection[bytes]) -> Iterator[bytes]:
    """Each as it is, and as JSON writes it."""
    for value in values:
        yield value
        try:
            yield json.dumps(value.decode())[1:-1].encode()
        except UnicodeDecodeError:
            continue
