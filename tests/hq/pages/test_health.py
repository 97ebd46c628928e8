import datetime as dt

import pytest

from hq.models.pushed_version import PushedAudience, PushedVersion
from hq.models.pushed_version import Scope as PushedScope
from hq.pages import health
from hq.pages.scopes import Scope
from tests.hq.pages import shops
from tests.hq.pages.shops import DAY, NOON, put, store

MINUTE = dt.timedelta(minutes=1)


WRONG = {
    "well": ({}, ()),
    "silent": ({"heard_at": NOON - 16 * MINUTE}, ("silent",)),
    "over": ({"certificate_until": NOON - DAY}, ("certificate_over",)),
    "soon": ({"certificate_until": NOON + 9 * DAY}, ("certificate_soon",)),
    "no-certificate": ({"certificate_until": None}, ()),
    "sensor-silent": ({"sensor_state": "silent"}, ("sensor",)),
    "sensor-stopped": ({"sensor_state": "stopped"}, ("sensor",)),
    "nobody-near": ({"sensor_state": "quiet"}, ()),
    "no-sensor": ({"sensor_state": None, "sensors": []}, ("no_sensor",)),
    "parked": ({"outbox_parked": 1}, ("parked",)),
    "late": ({"outbox_oldest_at": NOON - 61 * MINUTE}, ("outbox_late",)),
    "clock-behind": ({"clock_off_s": -61.0}, ("clock",)),
    "pushed": ({"pushed_trouble": "signature"}, ("pushed",)),
    "pinned": ({"is_pinned": True}, ("pinned",)),
    "dated": ({"version": "0.6.9"}, ("dated",)),
    "worst-first": ({"clock_off_s": 99.0, "heard_at": NOON - DAY}, ("silent", "clock")),
}
"""What a store tells, and what is wrong with it then."""


def published(number, ago, scope="chain"):
    return PushedVersion(
        number=number,
        scope=PushedScope(scope),
        document=b"{}",
        signature=b"",
        published_at=NOON - ago * DAY,
    )


def look(database, state=None, scope=Scope()):  # noqa: B008 - frozen
    with database.reading() as session:
        checks = health.Checks(session, NOON, 15 * MINUTE)
        return health.page(session, scope, checks, state, 1)


def test_says_what_is_wrong_with_a_store(hq_sqlite):
    put(hq_sqlite, *(store(name) for name in WRONG))
    put(hq_sqlite, *(shops.health(name, **told) for name, (told, _) in WRONG.items()))

    found = {each.store_id: each.wrong for each in look(hq_sqlite).stores}

    assert found == {name: wrong for name, (_, wrong) in WRONG.items()}


def test_the_newest_version_is_that_of_the_highest_number(hq_sqlite):
    put(hq_sqlite, store("old"), store("new"))
    put(hq_sqlite, shops.health("old", version="0.9.0"), shops.health("new", version="0.10.0"))

    found = {each.store_id: each.worst for each in look(hq_sqlite).stores}

    assert found == {"old": "dated", "new": "well"}


def test_a_store_that_goes_by_an_old_version_is_told_of(hq_database):
    """Whatever it says itself; once it has had the time to fetch the newest that is for it."""
    put(hq_database, *(store(name) for name in ("a", "b", "c", "d")))
    put(hq_database, published(1, ago=2), published(2, ago=1, scope="store"), published(3, ago=0))
    put(hq_database, PushedAudience(number=2, store_id="b"))
    told = {"a": {"pushed_version": 1}, "b": {"pushed_version": 1}, "c": {}}
    told["d"] = {"pushed_version": None, "is_pinned": True}
    put(hq_database, *(shops.health(name, **more) for name, more in told.items()))

    found = {each.store_id: each.wrong for each in look(hq_database).stores}

    assert found == {"a": (), "b": ("pushed",), "c": ("pushed",), "d": ("pinned",)}


@pytest.mark.parametrize("version", ["0.²", "", "a.b"])
def test_a_version_that_is_none_does_no_harm(hq_sqlite, version):
    put(hq_sqlite, store("odd"), store("new"))
    put(hq_sqlite, shops.health("odd", version=version), shops.health("new"))

    assert {each.store_id: each.worst for each in look(hq_sqlite).stores}["new"] == "well"


def test_stores_come_worst_first_are_counted_once_and_can_be_chosen(hq_database):
    put(hq_database, *(store(name) for name in ("well", "parked", "never", "gone")))
    put(
        hq_database,
        shops.health("well"),
        shops.health("parked", outbox_parked=2, clock_off_s=100.0),
        shops.health("gone", heard_at=NOON - DAY),
    )

    found = look(hq_database)

    assert [each.store_id for each in found.stores] == ["gone", "never", "parked", "well"]
    assert list(found.counts.items()) == [("silent", 1), ("never", 1), ("parked", 1), ("well", 1)]
    chosen = look(hq_database, "parked")
    assert [each.store_id for each in chosen.stores] == ["parked"]
    assert (chosen.count, chosen.counts) == (1, found.counts)
    assert look(hq_database, "clock").stores == []
    assert look(hq_database, scope=Scope("West")).counts == {}
