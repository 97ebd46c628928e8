import math

import pytest

from hq.pages import asked, changes, rankings
from tests.hq.pages.shops import TODAY, day, put, store

QUESTION = asked.read({}, None, TODAY)


def test_a_new_store_is_no_growth_and_a_shut_one_no_loss(hq_database):
    put(
        hq_database,
        *(store(name) for name in ("steady", "new", "shut")),
        *(day("steady", ago, 100.0) for ago in range(1, 15)),
        *(day("new", ago, 500.0) for ago in range(1, 8)),
        *(day("shut", ago, 500.0) for ago in range(8, 15)),
    )

    with hq_database.reading() as session:
        pairs = changes.of_all(session, QUESTION)

    found = changes.changes(pairs)
    assert (found.visitors.value, found.visitors.pairs) == (0, 7)
    assert {mine.visitors.value for mine, _ in pairs} == {100}


def test_regions_add_up_to_all_stores(hq_database):
    put(
        hq_database,
        store("a", "East"),
        store("b", "West"),
        store("c", ""),
        *(day("a", ago, 100.0 if ago > 7 else 120.0 + ago) for ago in range(1, 15)),
        *(day("b", ago, 200.0 if ago > 7 else 150.0, 300.0, 400.0) for ago in range(1, 15)),
        *(day("c", ago, 30.0 + 5 * (ago % 3)) for ago in range(1, 15)),
    )

    with hq_database.reading() as session:
        by_region, whole = changes.of_regions(session, QUESTION)
        alone = changes.of_all(session, QUESTION)

    assert by_region.keys() == {"East", "West", ""}
    assert changes.changes(by_region["West"]).visitors.value == pytest.approx(-0.25)
    assert changes.changes(by_region["East"]).visitors.is_clear
    assert [mine.visitors.value for mine, _ in whole] == [mine.visitors.value for mine, _ in alone]
    assert changes.changes(whole).entry_rate.value == pytest.approx(
        changes.changes(alone).entry_rate.value
    )


def test_a_store_is_ranked_by_the_change_that_its_row_shows(hq_sqlite, chain, now):
    chain(20, days=20)

    with hq_sqlite.reading() as session:
        order = rankings.Order(rankings.Sort.CHANGE)
        places = rankings.find(session, QUESTION, order, 1).places
        pairs = changes.of_stores(session, [each.store_id for each in places], QUESTION)

    shown = [changes.changes(pairs.get(each.store_id, ())).visitors.value for each in places]
    known = [each for each in shown if each is not None]
    assert known == sorted(known, reverse=True)
    assert shown[: len(known)] == known
    assert len(known) >= 10
    assert all(math.isfinite(each) for each in known)
