"""A chain of a few stores whose figures are put down one by one."""

import datetime as dt

from hq.models.store import Store
from hq.models.store_health import StoreHealth
from hq.models.traffic import StoreDay

TODAY = dt.date(2026, 5, 16)
NOON = dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def store(store_id, region="East", name="", **more):
    return Store(id=store_id, name=name, region=region, portal_urls=[], added_at=NOON, **more)


def day(store_id, ago, visitors, passers_by=400.0, dwell_s=600.0):
    """`ago` days before today; withheld figures are None."""
    rate = None
    if visitors and passers_by:
        rate = visitors / (visitors + passers_by)
    return StoreDay(
        store_id=store_id,
        day=TODAY - ago * DAY,
        told_at=NOON,
        closed_at=NOON,
        visitors=visitors,
        passers_by=passers_by,
        entry_rate=rate,
        dwell_median_s=dwell_s if visitors else None,
        data={},
    )


def health(store_id, **more):
    """Of a store that is well, but for `more`."""
    found = {
        "heard_at": NOON - dt.timedelta(minutes=2),
        "version": "0.7.0",
        "outbox_waiting": 0,
        "outbox_oldest_at": None,
        "outbox_parked": 0,
        "certificate_until": NOON + 60 * DAY,
        "sensors": [{"name": "mon0", "state": "hearing"}],
        "sensor_state": "hearing",
        "pushed_version": None,
        "is_pinned": False,
        "pushed_trouble": "",
        "clock_off_s": 0.1,
    }
    return StoreHealth(store_id=store_id, **(found | more))


def put(database, *rows):
    with database.writing() as session:
        session.add_all(row for row in rows if isinstance(row, Store))
        session.flush()
        session.add_all(row for row in rows if not isinstance(row, Store))
