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


def wait_s(session: Session, settings: HqSettings, store_id: str, now: dt.datetime) -> int | None:
    """In how many seconds the store may send again; None: it may now."""
    sent = sa.select(StoreMinute.minute, StoreMinute.events, StoreMinute.octets)
    row = session.execute(sent.where(StoreMinute.store_id == store_id)).one_or_none()
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
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = (sqlite.insert if is_sqlite else postgresql.insert)(StoreMinute).values(
        store_id=store_id, minute=_minute(now), events=events, octets=octets
    )
    is_same = StoreMinute.minute == insert.excluded.minute
    counted = {
        name: sa.case((is_same, column + insert.excluded[name]), else_=insert.excluded[name])
        for name, column in (("events", StoreMinute.events), ("octets", StoreMinute.octets))
    }
    session.execute(
        insert.on_conflict_do_update(
            index_elements=[StoreMinute.store_id],
            set_={"minute": insert.excluded.minute, **counted},
        )
    )


def _minute(now: dt.datetime) -> int:
    return int(now.timestamp() // _MINUTE_S)
