import pytest

from hq.pages import asked, health, maps
from tests.hq.pages import shops
from tests.hq.pages.shops import DAY, NOON, TODAY, put, store

QUESTION = asked.read({}, None, TODAY)


def find(database, *, with_health=False):
    with database.reading() as session:
        checks = health.Checks(session, NOON, DAY) if with_health else None
        return maps.find(session, QUESTION, checks)


def test_north_is_up_and_east_is_right(hq_sqlite):
    put(
        hq_sqlite,
        store("north", latitude=39.9, longitude=116.4),
        store("south", latitude=23.1, longitude=113.3),
        store("east", latitude=31.2, longitude=121.5),
        store("nowhere"),
    )

    found = find(hq_sqlite)

    at = {mark.store_id: mark for mark in found.marks}
    assert at["north"].y < at["east"].y < at["south"].y
    assert at["south"].x < at["north"].x < at["east"].x
    assert (found.stores, found.without_place, found.is_gathered) == (4, 1, False)


def test_a_mark_has_the_area_of_its_visitors(hq_sqlite):
    put(
        hq_sqlite,
        store("big", latitude=31.0, longitude=121.0),
        store("small", latitude=30.0, longitude=120.0),
        store("withheld", latitude=30.5, longitude=120.5),
        *(shops.day("big", ago, 400.0) for ago in range(1, 8)),
        *(shops.day("small", ago, 20.0) for ago in range(1, 8)),
        *(shops.day("withheld", ago, None) for ago in range(1, 8)),
    )

    found = find(hq_sqlite)

    assert [mark.store_id for mark in found.marks] == ["big", "small", "withheld"]
    assert [mark.a_day for mark in found.marks] == [400, 20, None]


def test_many_stores_are_gathered_and_none_is_lost(hq_database):
    rows = [
        store(f"store-{number}", latitude=20 + number % 40 / 2, longitude=100 + number % 30)
        for number in range(maps.EACH_UP_TO + 1)
    ]
    put(hq_database, *rows, shops.health("store-1", heard_at=NOON - 2 * DAY))

    found = find(hq_database, with_health=True)

    assert found.is_gathered
    assert sum(mark.stores for mark in found.marks) == len(rows)
    assert sum(mark.bad for mark in found.marks) == 1
    assert len(found.marks) < len(rows)
    places = [(mark.x, mark.y) for mark in found.marks]
    assert len(set(places)) == len(places)
    assert all(0 <= x <= maps.WIDTH and 0 <= y <= maps.HEIGHT for x, y in places)


@pytest.mark.parametrize("stores", [0, 1])
def test_a_chain_without_a_place_or_with_one_has_a_map(hq_sqlite, stores):
    put(hq_sqlite, *(store(str(number), latitude=0.0, longitude=0.0) for number in range(stores)))

    assert len(find(hq_sqlite).marks) == stores
