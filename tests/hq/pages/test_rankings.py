import math

import pytest

from hq.pages import asked, rankings, scopes
from hq.pages.rankings import Order, Sort
from tests.hq.pages.shops import TODAY, day, put, store


def rows():
    """Visitors of seven days and of those before; "far" is the best at drawing in."""
    return [
        store("big", "East", "Big_50%"),
        store("far", "West", "Far"),
        store("new", "East", "New"),
        store("dark", "East", "Dark"),
        store("small", "", "Small"),
        *(day("big", ago, 100.0, 900.0, 900.0) for ago in range(1, 15)),
        *(day("far", ago, 50.0 if ago < 8 else 25.0, 100.0, 300.0) for ago in range(1, 15)),
        *(day("new", ago, 40.0, 400.0) for ago in range(1, 4)),
        *(day("small", ago, None, 20.0) for ago in range(1, 8)),
    ]


def find(database, order, **query):
    with database.reading() as session:
        return rankings.find(session, asked.read(query, None, TODAY), order, 1)


RANKED = {
    Sort.VISITORS: ["big", "far", "new"],
    Sort.A_DAY: ["big", "far", "new"],
    Sort.PASSERS_BY: ["big", "new", "far", "small"],
    Sort.ENTRY_RATE: ["far", "big", "new"],
    Sort.DWELL: ["big", "new", "far"],
    Sort.CHANGE: ["far", "big"],
}


def test_stores_are_ranked_by_any_figure_and_those_without_it_are_last(hq_database):
    put(hq_database, *rows())

    for sort, first_to_last in RANKED.items():
        falling = find(hq_database, Order(sort))
        rising = find(hq_database, Order(sort, is_rising=True))

        known = len(first_to_last)
        assert [each.store_id for each in falling.places][:known] == first_to_last, sort
        assert [each.store_id for each in rising.places][:known] == first_to_last[::-1], sort
        assert len(falling.places) == len(rising.places) == 5


def test_the_whole_is_the_sum_of_what_is_shown_and_says_what_is_not(hq_sqlite):
    put(hq_sqlite, *rows())

    found = find(hq_sqlite, Order())

    assert found.whole.visitors == 7 * 100 + 7 * 50 + 3 * 40
    assert (found.stores, found.without_figures, found.withheld) == (5, 1, 1)
    assert (found.whole.days, found.whole.withheld_days) == (24, 7)
    figures = found.whole.figures()
    assert figures.visitors_a_day.value == pytest.approx(1170 / 17)
    assert figures.entry_rate.value == pytest.approx(1170 / (1170 + 7 * 1000 + 3 * 400), abs=1e-4)
    assert figures.dwell.value == pytest.approx((700 * 900 + 350 * 300 + 120 * 600) / 1170)


def test_what_is_off_in_all_stores_alike_does_not_average_out(hq_sqlite):
    put(hq_sqlite, *rows())

    found = find(hq_sqlite, Order())

    def spread(estimate):
        return math.log(estimate.high / estimate.low)

    one = found.places[0].sums.figures().visitors
    assert spread(found.whole.figures().visitors) > 0.8 * spread(one)


FOUND = [
    ({"region": "East"}, {"big", "new", "dark"}),
    ({"region": scopes.NO_REGION}, {"small"}),
    ({"name": "FA"}, {"far"}),
    ({"name": "50%"}, {"big"}),
    ({"name": "_"}, {"big"}),
    ({"name": "mall"}, {"small"}),
    ({"region": "East", "name": "far"}, set()),
    ({"region": "' OR 1=1 --"}, set()),
]


def test_stores_are_found_by_region_and_by_a_part_of_the_name(hq_sqlite):
    put(hq_sqlite, *rows())

    for query, stores in FOUND:
        found = find(hq_sqlite, Order(), **query)

        assert {each.store_id for each in found.places} == stores, query
        assert found.stores == len(stores)


def test_fifty_stores_are_shown_at_a_time(hq_sqlite, chain):
    chain(120, days=2)

    for number, shown in ((1, 1), (3, 3), (99, 3), (-1, 1)):
        with hq_sqlite.reading() as session:
            found = rankings.find(session, asked.read({}, None, TODAY), Order(), number)

        assert (found.number, found.pages, found.first_rank) == (shown, 3, 50 * (shown - 1) + 1)
        assert len(found.places) == (20 if shown == 3 else 50)
        assert found.stores == 120
