"""How much one store may send in a minute, so that none keeps the others waiting.

The count is in the database, since a store's requests come to any process. It is looked at
before a request is read and added to after, so requests side by side may exceed it by one each.
"""

import datetime as dt
import math

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.setting_groups.hq import HqSettings
from hq.models.store import StoreMinute

_MINUTE_S = 60
_MEGABYTE = 1_000_000


_SENT = sa.select(StoreMinute.minute, StoreMinute.events, StoreMinute.octets).where(
    StoreMinute.store_id == sa.bindparam("store")
)


def wait_s(session: Session, settings: HqSettings, store_id: str, now: dt.datetime) -> int | None:
    """In how many seconds the store may send again; None: it may now."""
    row = session.execute(_SENT, {"store": store_id}).one_or_none()
    if row is None or row.minute != _minute(now):
        return None
    if (
        row.events < settings.events_per_store_minute
        and row.octets < settings.megabytes_per_store_minute * _MEGABYTE
    ):
        return None
    return math.ceil((_minute(now) + 1) * _MINUTE_S - now.timestamp())


def add(session: Session, store_id: str, events: int, octets: int, now: dt.datetime) -> None:
    """Count what was sent. Best done last: until the transaction ends, other requests of the
    store that come to this wait.
    """
    sent = {"store_id": store_id, "minute": _minute(now), "events": events, "octets": octets}
    session.connection().execute(_ADDING[session.get_bind().dialect.name], sent)


def _adding(insert: sqlite.Insert | postgresql.Insert) -> sa.Insert:
    given = insert.excluded
    is_same = StoreMinute.minute == given.minute
    counted = {
        name: sa.case((is_same, column + given[name]), else_=given[name])
        for name, column in (("events", StoreMinute.events), ("octets", StoreMinute.octets))
    }
    return insert.on_conflict_do_update(
        index_elements=[StoreMinute.store_id], set_={"minute": given.minute, **counted}
    )


# Put together once: that takes longer than to execute it.
_ADDING = {
    "sqlite": _adding(sqlite.insert(StoreMinute)),
    "postgresql": _adding(postgresql.insert(StoreMinute)),
}


def _minute(now: dt.datetime) -> int:
    return int(now.timestamp() // _MINUTE_S)
