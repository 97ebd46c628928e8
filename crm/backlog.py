"""Reads what waits in the outbox, as many and as much at a time as one request may hold."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.base import UtcTime
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType

UNANSWERED = "unanswered"
SEAL_BROKEN = "seal_broken"

# No wait of one event is longer: if it seems so, the clock was wrong when it was written, as on a
# box that keeps no time while it is off.
_LONGEST_WAIT = dt.timedelta(minutes=16)

_AT_A_TIME = 100


class Waiting(NamedTuple):
    """What is read of an event's row. As tuples, for there may be thousands a second."""

    id: int
    event_id: str
    type: str
    source: str
    subject: str
    occurred_at: dt.datetime
    sealed_data: bytes
    attempts: int


_COLUMNS = tuple(getattr(OutboxEvent, name) for name in Waiting._fields)


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """Of one request."""

    most: int
    most_bytes: int
    """Once it holds so much, no more; but one event at least."""
    now: dt.datetime


def tombstones(session: Session, after: int, limits: Limits) -> Sequence[Waiting]:
    """As `due`, of who is to be forgotten: kept waiting by no other news, not even their own."""
    return _due(session, _TOMBSTONES, after, limits)


def due(session: Session, after: int, limits: Limits) -> Sequence[Waiting]:
    """The oldest waiting event of each subject, if its time has come, in order of `id`.

    None with an id up to `after`. Limited in octets as well: days of news must fit into a box's
    memory.
    """
    return _due(session, _OTHERS, after, limits)


def _due(
    session: Session, queries: Mapping[str, sa.TextualSelect], after: int, limits: Limits
) -> Sequence[Waiting]:
    query = queries[session.get_bind().dialect.name]
    given = {
        "after": after,
        "soonest": limits.now + dt.timedelta.resolution,
        "latest": limits.now + _LONGEST_WAIT,
        "most": limits.most,
    }
    rows: list[Waiting] = []
    octets = 0
    # Some at a time, so that what does not fit is not read.
    with session.execute(query, given, execution_options={"yield_per": _AT_A_TIME}) as found:
        for row in map(Waiting._make, found):
            rows.append(row)
            octets += len(row.sealed_data)
            if octets >= limits.most_bytes:
                break
    return rows


def _query(index: str, wanted: str) -> dict[str, sa.TextualSelect]:
    """By dialect. Put together once: that takes longer than to read where nothing waits."""
    # SQLite has no statistics: of two indexes that fit it may take the longer one.
    return {"sqlite": _select(f"INDEXED BY {index}", wanted), "postgresql": _select("", wanted)}


def _select(hint: str, wanted: str) -> sa.TextualSelect:
    # States and types are written out, not bound: a partial index is for those who name its rows.
    query = f"""
        SELECT {", ".join(Waiting._fields)} FROM outbox_events AS news {hint}
        WHERE state = 'waiting' AND {wanted} AND id > :after
            AND next_attempt_at NOT BETWEEN :soonest AND :latest
        ORDER BY id LIMIT :most
    """  # noqa: S608 - of our own words
    times = (sa.bindparam(name, type_=UtcTime()) for name in ("soonest", "latest"))
    return sa.text(query).bindparams(*times).columns(*_COLUMNS)


_ERASED = f"type = '{EventType.MEMBER_ERASED}'"
_TOMBSTONES = _query("outbox_events_tombstones", _ERASED)
_OTHERS = _query(
    "outbox_events_waiting",
    f"""
        NOT ({_ERASED}) AND NOT EXISTS (
            SELECT 1 FROM outbox_events AS earlier
            WHERE earlier.subject = news.subject AND earlier.source = news.source
                AND earlier.id < news.id AND earlier.state = 'waiting'
        )
    """,  # noqa: S608 - as above
)
