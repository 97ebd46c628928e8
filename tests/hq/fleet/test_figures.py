import datetime as dt
import itertools

import numpy as np
import pytest
import sqlalchemy as sa

from core import clock
from core.settings import Settings
from hq.fleet import figures, folder, store_figures
from hq.fleet.folder import Partition
from hq.models.region_day import CHAIN, RegionDay
from tests.hq.fleet import visits
from tests.hq.fleet.visits import DAY, FRIDAY, event, here, land

STORES = {f"store-{number}": "North" if number < 4 else "South" for number in range(7)}


def land_all(settings, day=DAY, **changed):
    for store, region in STORES.items():
        land(settings, region, event(store, day=day) | changed)


def count(settings, database, *days, run=here, again=False):
    done = figures.bring_up_to_date(settings, database, days or (DAY,), run, again=again)
    return [each.store_days for each in done]


def rows(database):
    with database.reading() as session:
        found = session.scalars(sa.select(RegionDay).order_by(RegionDay.day, RegionDay.region))
        return {(row.day, row.region): row for row in found}


def test_a_region_is_the_sum_of_its_stores_and_the_chain_of_its_regions(settings, database):
    land_all(settings)

    assert count(settings, database) == [7]

    found = rows(database)
    assert [(region, row.stores, row.visitors) for (_, region), row in found.items()] == [
        (CHAIN, 7, 280),
        ("North", 4, 160),
        ("South", 3, 120),
    ]
    stays_s = np.concatenate([event(store)["inside"]["dwell_s"] for store in STORES])
    chain = found[DAY, CHAIN]
    assert [chain.dwell_q1_s, chain.dwell_median_s, chain.dwell_q3_s] == np.rint(
        np.quantile(stays_s, (0.25, 0.5, 0.75))
    ).tolist()
    assert chain.data["dwell_visits"]["dwell_1_to_6_h"] == round((stays_s >= 3600).sum() / 5) * 5


def test_hours_are_those_of_each_stores_clock(settings, database):
    noon = {"passed": [720] * 20, "inside": {"minute": [725] * 30, "dwell_s": [900] * 30}}
    for store, zone in (("east", "Asia/Shanghai"), ("west", "Europe/Berlin")):
        land(settings, "", event(store, zone=zone) | noon)

    count(settings, database)

    hours = rows(database)[DAY, ""].data["hours"]
    assert {hour: n for hour, n in hours["visitors"].items() if n} == {"12": 60}
    assert {hour: n for hour, n in hours["passers_by"].items() if n} == {"12": 40}


def test_what_is_counted_is_not_counted_again(settings, database):
    land_all(settings)
    land_all(settings, FRIDAY)

    assert count(settings, database, FRIDAY, DAY) == [7, 7]
    assert count(settings, database, FRIDAY, DAY) == [0, 0]
    assert count(settings, database, FRIDAY, DAY, again=True) == [7, 7]


def test_a_store_that_comes_late_costs_itself_alone(settings, database):
    land_all(settings)
    count(settings, database)
    land(settings, "South", event("late", visitors=60))
    land(settings, "North", event("store-1", visitors=50))

    assert count(settings, database) == [2]
    assert rows(database)[DAY, CHAIN].visitors == 280 + 60 + 10


def test_a_store_that_moved_counts_in_its_new_region_alone(settings, database):
    land_all(settings)
    count(settings, database)
    land(settings, "South", event("store-1"))

    count(settings, database)

    found = rows(database)
    assert (found[DAY, "North"].stores, found[DAY, "South"].stores) == (3, 4)


def test_a_night_cut_short_goes_on_where_it_was(settings, database):
    land_all(settings)

    def cut(tasks):
        yield from itertools.islice(here(tasks), 3)  # all of the North, and one of the South's two
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        count(settings, database, run=cut)
    assert rows(database) == {}

    assert count(settings, database) == [3]
    assert rows(database)[DAY, CHAIN].stores == 7


def test_rows_of_the_database_follow_the_files_even_if_it_was_lost(settings, database, tmp_path):
    land_all(settings)
    count(settings, database)
    with database.writing() as session:
        session.execute(sa.delete(RegionDay))

    assert count(settings, database) == [0]
    assert rows(database)[DAY, CHAIN].visitors == 280


def test_results_may_come_in_any_order(settings, database):
    land_all(settings)
    count(settings, database, run=lambda tasks: reversed(list(here(tasks))))
    backwards = {key: row.data for key, row in rows(database).items()}

    count(settings, database, again=True)

    assert {key: row.data for key, row in rows(database).items()} == backwards


def test_small_counts_are_withheld_on_the_way_out(settings, database):
    """A store of another make may send what ours would not."""
    few = {"passed": [600] * 3, "inside": {"minute": [600] * 4, "dwell_s": [900] * 4}}
    land(settings, "North", event() | few)

    count(settings, database)

    row = rows(database)[DAY, "North"]
    assert (row.visitors, row.passers_by, row.dwell_median_s) == (None, None, None)
    assert set(row.data["dwell_visits"].values()) == {None}


def test_days_of_many_stores_are_handed_out_in_small_parts(tmp_path, database):
    settings = Settings(data_dir=tmp_path, hq={"fleet": {"batch": 3}})
    land_all(settings)
    sizes = []

    def run(tasks):
        for task in tasks:
            sizes.append((task.place.region, len(task.pieces)))
            yield task, store_figures.batch(task)

    count(settings, database, run=run)

    assert sorted(sizes) == [("North", 1), ("North", 3), ("South", 3)]


def test_each_store_can_be_set_beside_its_region(settings, database):
    land_all(settings)
    count(settings, database)

    found = figures.of_stores(folder.of(settings), Partition(DAY, "South"))
    assert [each["store"] for each in found] == ["store-4", "store-5", "store-6"]
    assert [each["visitors"] for each in found] == [40, 40, 40]


def test_a_day_without_rows_leaves_none(settings, database):
    assert count(settings, database, dt.date(2020, 1, 1)) == [0]
    assert rows(database) == {}


def test_a_day_of_25_hours_keeps_them_all(settings, database):
    day, zone = dt.date(2026, 10, 25), "Europe/Berlin"
    starts = clock.hour_starts(day, clock.StoreZone.of(zone))
    every = {"passed": [], "inside": {"minute": [60 * n for n in range(25)] * 10}}
    every["inside"]["dwell_s"] = [900] * 250
    land(settings, "", event(day=day, zone=zone) | every)

    count(settings, database, day)

    [store] = figures.of_stores(folder.of(settings), Partition(day, ""))
    assert len(starts) == len(store["hours"]) == 25
    visitors = rows(database)[day, ""].data["hours"]["visitors"]
    assert visitors["2"] == 20
    assert sum(visitors.values()) == 250


def test_files_of_the_folder_are_ones_that_other_programs_read(settings):
    land_all(settings)
    pandas = pytest.importorskip("pandas")

    found = pandas.read_parquet(settings.data_dir / "fleet" / "landed")

    assert set(found["region"].astype(str)) == {"North", "South"}
    assert len(found) == 7 * 140
    assert visits.DAY.isoformat() in set(found["day"].astype(str))
