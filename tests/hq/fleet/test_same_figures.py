"""A figure means the same in a store and at headquarters: one definition, to the last digit."""

import dataclasses
import datetime as dt

import numpy as np
import pytest

from analytics.estimates import anonymous_visits, comers, estimated_rows, estimator
from analytics.figures import report
from analytics.visit_news import to_data
from analytics.visits import visit_rows
from core.clock import StoreZone, day_bounds, hour_starts
from core.models.traffic import TrafficDay, TrafficHour
from core.settings import Settings
from hq.fleet import folder, store_figures, visit_files
from hq.fleet.folder import LANDED, Partition
from tests.analytics import toy_shop
from tests.hq.fleet.visits import land

ZONES = ("Asia/Shanghai", "Asia/Kathmandu", "Europe/Berlin", "America/St_Johns")
DAY = dt.date(2026, 10, 25)


@pytest.fixture(scope="module")
def shop():
    return toy_shop.day(seed=4, comers=1500, entry_rate=0.3)


@pytest.fixture(params=ZONES)
def at_store(request, shop, tmp_path):
    """Settings, the closed day's report, and its rows, as a store makes them."""
    zone = StoreZone.of(request.param, dt.time(4))
    settings = Settings(
        data_dir=tmp_path, store={"time_zone": request.param, "day_begins": "04:00"}
    )
    _, end = day_bounds(DAY, zone)
    hours = [TrafficHour(start=start, day=DAY) for start in hour_starts(DAY, zone)]
    opens_s = hours[5].start.timestamp()
    heard = shop.heard._replace(heard_at_s=shop.heard.heard_at_s + opens_s)
    found = comers.find(comers.HeardDay.of(heard, end.timestamp()), settings.traffic)
    starts_s = np.array([hour.start.timestamp() for hour in hours])
    estimates = estimator.estimate(found, settings.traffic, starts_s, end.timestamp())
    day = TrafficDay(day=DAY, probe_requests=9_000, fixtures=0, updated_at=end, closed_at=end)
    estimated_rows.put(day, hours, estimates, settings.traffic.visitor_after_s)
    shares = np.array(estimates.dwell_shares)
    rows = anonymous_visits.make(day, hours, end, shares, settings.traffic)
    return settings, report.of(day, hours, settings), rows, to_data(rows, settings, day)


def landed(settings, data):
    land(settings, "North", data)
    where, place = folder.of(settings), Partition(DAY, "North")
    pieces = visit_files.landed(where.files(place.folder(LANDED)))
    [(store, table)] = visit_files.tables(where, pieces)
    return visit_files.store_visits(store, table)


def test_headquarters_figures_of_a_store_day_are_the_stores_own(at_store):
    settings, _, rows, data = at_store
    visits = landed(settings, data)

    there = visit_rows.figures(visits.rows, DAY, visits.zone, visits.visitor_after_s)
    own = visit_rows.figures(rows, DAY, settings.store.zone, settings.traffic.visitor_after_s)

    assert dataclasses.asdict(there) == dataclasses.asdict(own)


def test_headquarters_counts_are_those_that_the_stores_report_shows(at_store):
    settings, shown, _, data = at_store
    visits = landed(settings, data)

    there = visit_rows.figures(visits.rows, DAY, visits.zone, visits.visitor_after_s)

    assert [
        (hour.start, hour.counts.passers_by or None, hour.counts.visitors or None)
        for hour in there.hours
    ] == [(hour.start, hour.passers_by, hour.visitors) for hour in shown.hours]
    counted = store_figures.of(visits, DAY)
    assert counted["visitors"] == pytest.approx(shown.visitors.value, rel=0.1)
    # The report's quartiles are rounded to the minute, and so is each row.
    for name, of_report in (("q1", "low"), ("median", "value"), ("q3", "high")):
        own_s = getattr(shown.dwell_median_s, of_report)
        assert counted[f"dwell_{name}_s"] == pytest.approx(own_s, abs=60)
