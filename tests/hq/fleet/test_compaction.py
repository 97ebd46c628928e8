import datetime as dt

import pytest

from hq.fleet import compaction, figures, folder, sql, visit_files
from hq.fleet.folder import COMPACTED, LANDED, Partition
from tests.hq.fleet.visits import DAY, event, here, land

LATER = DAY + dt.timedelta(days=3)
STORES = [f"store-{number}" for number in range(5)]
QUESTION = "SELECT store, count(*), sum(dwell_s)::BIGINT FROM visits GROUP BY store ORDER BY store"


@pytest.fixture
def landed(settings):
    for store in STORES:
        land(settings, "North East", event(store))
    return Partition(DAY, "North East")


def count(settings, database, *, again=False):
    return [
        done.store_days
        for done in figures.bring_up_to_date(settings, database, [DAY], here, again=again)
    ]


def test_files_of_stores_become_one_with_the_same_rows(settings, database, landed):
    count(settings, database)
    before = sql.answer(settings, QUESTION)

    assert compaction.compact(settings, LATER) == len(STORES) - 1

    where = folder.of(settings)
    assert where.files(landed.folder(LANDED)) == []
    assert len(where.files(landed.folder(COMPACTED))) == 1
    assert sql.answer(settings, QUESTION) == before


def test_figures_outlive_the_files_and_can_be_counted_again_of_the_one(settings, database, landed):
    count(settings, database)
    before = figures.of_stores(folder.of(settings), landed)
    compaction.compact(settings, LATER)

    assert count(settings, database) == [0]
    assert count(settings, database, again=True) == [len(STORES)]
    assert figures.of_stores(folder.of(settings), landed) == before


@pytest.mark.parametrize(
    ("today", "counted"),
    [
        pytest.param(LATER - dt.timedelta(days=1), True, id="too young"),
        pytest.param(LATER, False, id="not counted yet"),
    ],
)
def test_what_may_still_be_needed_stays_as_it_is(settings, database, landed, today, counted):
    if counted:
        count(settings, database)

    assert compaction.compact(settings, today) == 0
    assert len(folder.of(settings).files(landed.folder(LANDED))) == len(STORES)


def test_a_store_that_comes_late_counts_in_place_of_its_compacted_rows(settings, database, landed):
    count(settings, database)
    compaction.compact(settings, LATER)
    land(settings, "North East", event("store-2", visitors=7, passers_by=1))

    _, rows = sql.answer(settings, QUESTION)

    assert [(store, number) for store, number, _ in rows] == [
        (store, 8 if store == "store-2" else 140) for store in STORES
    ]
    assert count(settings, database) == [1]
    found = figures.of_stores(folder.of(settings), landed)
    assert [each["visitors"] for each in found] == [40, 40, 7, 40, 40]


def test_and_is_compacted_with_the_others_the_next_time(settings, database, landed):
    count(settings, database)
    compaction.compact(settings, LATER)
    land(settings, "North East", event("store-2", visitors=7))
    count(settings, database)

    compaction.compact(settings, LATER)

    where = folder.of(settings)
    assert where.files(landed.folder(LANDED)) == []
    assert sorted(visit_files.compacted_stores(where, landed)) == STORES
    _, rows = sql.answer(settings, QUESTION)
    assert [number for _, number, _ in rows] == [140, 140, 107, 140, 140]


@pytest.mark.parametrize("compacts_both", [False, True])
def test_a_store_that_moved_and_sends_its_day_again_counts_once(
    settings, database, landed, compacts_both
):
    count(settings, database)
    compaction.compact(settings, LATER)
    land(settings, "South", event("store-2", visitors=50))
    count(settings, database)
    if compacts_both:
        compaction.compact(settings, LATER)
        count(settings, database)

    _, rows = sql.answer(settings, QUESTION)
    assert [number for _, number, _ in rows] == [140, 140, 150, 140, 140]
    where = folder.of(settings)
    for again in (False, True):
        count(settings, database, again=again)
        assert len(figures.of_stores(where, landed)) == len(STORES) - 1
        assert len(figures.of_stores(where, Partition(DAY, "South"))) == 1


def test_a_region_that_all_stores_have_left_is_empty(settings, database):
    land(settings, "North", event("store-1"))
    count(settings, database)
    compaction.compact(settings, LATER)
    land(settings, "South", event("store-1"))
    count(settings, database)
    compaction.compact(settings, LATER)
    land(settings, "North", event("store-1", visitors=7))
    count(settings, database)

    _, rows = sql.answer(settings, "SELECT region, count(*) FROM visits GROUP BY region")
    assert rows == [("North", 107)]


def test_a_file_that_is_written_anew_while_it_would_be_removed_stays(settings, landed):
    where = folder.of(settings)
    before = where.files(landed.folder(LANDED))
    land(settings, "North East", event("store-2", visitors=7))
    after = where.files(landed.folder(LANDED))

    removed = [where.remove_if_still(entry) for entry in before]

    assert removed == [True, True, False, True, True]
    assert where.files(landed.folder(LANDED)) == [after[2]]
