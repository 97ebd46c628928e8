"""Finds what the CRM holds otherwise than the store, and has it told anew.

Night by night, for nothing shall depend on every event ever having arrived: a CRM may be
restored from a backup, and so may a store. Counts and digests of the members of each store-local
day are compared first; only where they differ, ids and versions.
"""

import collections
import dataclasses
import datetime as dt
import enum
import zlib
import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Protocol

import sqlalchemy as sa
import ulid

from core import clock, crm_line
from core.database import Database
from core.log import Log
from core.models.member import Member
from core.models.traffic import TrafficDay
from crm import breaker, comparison
from crm.comparison import Held, Kind
from crm.counterpart import Counterpart

_RANGES_AT_ONCE = 200
# The first octets of a ULID's text tell its time.
_ULID_TIME = 10

# A thousand stores shall not ask at the same moment.
_AFTER = dt.timedelta(hours=3)
_SPREAD = dt.timedelta(hours=2)

_log = Log("crm")


class Mend(enum.StrEnum):
    """What was done about one difference."""

    TOLD = "told"
    """What the store holds was queued anew."""
    UNDER_WAY = "under_way"
    """News of it waits already, or is parked."""
    ERASED_THERE = "erased_there"
    """The CRM has somebody who was erased here: the tombstone was queued anew."""
    ERASED_HERE = "erased_here"
    """The store has somebody who was erased: from an old backup. They were erased again."""
    MERGED_THERE = "merged_there"
    """The CRM has somebody who turned out to be another here: the merger was queued anew."""
    MERGED_HERE = "merged_here"
    """The store has somebody who turned out to be another: from an old backup. Merged again."""
    UNKNOWN = "unknown"
    """Nothing here tells of what the CRM has, or of whom it merged a member of the store into: for
    a person to decide."""
    DOUBTED = "doubted"
    """The CRM says that more members are gone than its word is taken for: a person decides."""
    LATER = "later"
    """Enough waits for one night: the next goes on."""
    NONE = "none"
    """There is none any more."""


class Mender(Protocol):
    """Queues news for the CRM, each difference in a transaction of its own."""

    def mend(self, kind: Kind, key: str, theirs: str | None, now: dt.datetime) -> Mend:
        """See to one key of which the CRM holds `theirs` (None: nothing), and the store not."""


@dataclasses.dataclass(slots=True)
class Findings:
    compared: int = 0
    """Things that the store holds."""
    mended: collections.Counter[Mend] = dataclasses.field(default_factory=collections.Counter)
    """What was done about how many differences."""

    @property
    def differing(self) -> int:
        return self.mended.total()


def reconcile(
    database: Database,
    counterpart: Counterpart,
    mender: Mender,
    zone: zoneinfo.ZoneInfo,
    now: dt.datetime,
) -> Findings:
    """Compare everything, to the end; CrmError if the other side does not answer."""
    found = Findings()
    for kind in Kind:
        ours = held(database, kind)
        found.compared += len(ours)
        keys = [each.key for each in ours]
        asked = comparison.ranges(ours, _starts(kind, ours, zone))
        for first in range(0, len(asked), _RANGES_AT_ONCE):
            for each in counterpart.differing(kind, asked[first : first + _RANGES_AT_ONCE]):
                here = comparison.within(ours, keys, each.since, each.until)
                theirs = counterpart.rows(kind, each.since, each.until)
                for key in _differing(here, theirs):
                    found.mended[mender.mend(kind, key, theirs.get(key), now)] += 1
    del found.mended[Mend.NONE]
    with database.writing() as session:
        line = breaker.writable(session)
        line.reconciled_at, line.differences = now, found.differing
        line.unknown = found.mended[Mend.UNKNOWN] + found.mended[Mend.DOUBTED]
    if found.differing:
        mended = {mend.value: count for mend, count in found.mended.items()}
        _log.warning("store and CRM differed", differences=found.differing, **mended)
    return found


def is_due(database: Database, store_id: str, zone: zoneinfo.ZoneInfo, now: dt.datetime) -> bool:
    """Once a night, from three hours into the store's day on, each store at a time of its own."""
    start, _ = clock.day_bounds(clock.store_day(now, zone), zone)
    turn = start + _AFTER + _SPREAD * (zlib.crc32(store_id.encode()) / 2**32)
    with database.reading() as session:
        last = crm_line.read(session).reconciled_at
    return now >= turn and (last is None or not turn <= last <= now)


def _differing(ours: Sequence[Held], theirs: Mapping[str, str]) -> list[str]:
    here = {each.key: each.value for each in ours}
    # Who is gone on both sides is as it should be.
    there = {
        key: value for key, value in theirs.items() if not comparison.is_gone(value) or key in here
    }
    return sorted(key for key in here | there if here.get(key) != there.get(key))


def _starts(kind: Kind, ours: Sequence[Held], zone: zoneinfo.ZoneInfo) -> list[str]:
    """Where each range begins: with each store-local day on which somebody enrolled; each month."""
    if kind is Kind.DAYS:
        return sorted({each.key[:7] for each in ours})
    days = {clock.store_day(ulid.ULID.from_str(each.key).datetime, zone) for each in ours}
    starts = (clock.day_bounds(day, zone)[0] for day in days)
    return sorted(str(ulid.ULID.from_datetime(start))[:_ULID_TIME] for start in starts)


def held(database: Database, kind: Kind) -> list[Held]:
    """What the store holds, in order of the keys."""
    with database.reading() as session:
        if kind is Kind.MEMBERS:
            rows = session.execute(sa.select(Member.public_id, Member.version))
            return sorted((Held(key, str(version)) for key, version in rows), key=_key)
        days = session.execute(sa.select(TrafficDay.day, TrafficDay.closed_at))
        closed = [Held(day.isoformat(), comparison.moment(at)) for day, at in days if at]
        return sorted(closed, key=_key)


def _key(each: Held) -> str:
    return each.key
