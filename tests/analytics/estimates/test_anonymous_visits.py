import datetime as dt
import itertools
import zoneinfo

import numpy as np
import pytest

from analytics.estimates import anonymous_visits, dwell
from analytics.figures import report
from analytics.visits import visit_rows
from core import clock
from core.models.traffic import TrafficDay, TrafficHour
from core.setting_groups.traffic import TrafficSettings

SHANGHAI = clock.StoreZone.of("Asia/Shanghai")
BERLIN = clock.StoreZone.of("Europe/Berlin", dt.time(4))
DAY, SHORT, LONG = dt.date(2026, 5, 16), dt.date(2026, 3, 28), dt.date(2026, 10, 24)
RULES = TrafficSettings()
COUNTS = {9: (3, 2), 10: (41, 12), 11: (68, 33), 17: (204, 87), 21: (12, 4)}


def lognormal(median_s=900.0, spread=0.8):
    shares = np.exp(-((np.log(dwell.STAYS_S / median_s) / spread) ** 2) / 2)
    return shares / shares.sum()


def closed(day=DAY, zone=SHANGHAI, counts=COUNTS, looked_in=32):
    """A day's rows; the counts are passers-by and visitors by the hour of the store's clock."""
    hours = []
    for start in clock.hour_starts(day, zone):
        passed, came = counts.get(start.astimezone(zone).hour, (0, 0))
        hours.append(TrafficHour(start=start, day=day, passers_by=passed, visitors=came))
    _, end = clock.day_bounds(day, zone)
    row = TrafficDay(
        day=day,
        probe_requests=10_000,
        fixtures=0,
        passers_by=sum(hour.passers_by for hour in hours),
        visitors=sum(hour.visitors for hour in hours),
        entries=sum(hour.visitors for hour in hours) + looked_in,
        bounces=0,
        dwell_under_5_min=0,
        dwell_5_to_20_min=0,
        dwell_20_to_60_min=0,
        dwell_1_to_6_h=0,
        dwell_over_6_h=0,
        updated_at=end,
        closed_at=end,
    )
    return row, hours, end


def made(*, shares=None, rules=RULES, **shop):
    return anonymous_visits.make(*closed(**shop), lognormal() if shares is None else shares, rules)


def test_rows_tell_of_an_hour_what_the_report_of_the_day_tells(settings):
    day, hours, _ = closed()
    found = visit_rows.figures(made(), DAY, SHANGHAI, RULES.visitor_after_s)

    shown = report.of(day, hours, settings).hours
    assert [
        (hour.start, hour.counts.passers_by or None, hour.counts.visitors or None)
        for hour in found.hours
    ] == [(hour.start, hour.passers_by, hour.visitors) for hour in shown]


def test_no_count_of_an_hour_is_small():
    rows = made()

    for inside in (True, False):
        hours = np.bincount(
            rows.minute[(rows.inside == inside) & ((rows.dwell_s >= 300) | ~rows.inside)] // 60
        )
        assert not ((hours > 0) & (hours < RULES.suppress_below)).any()
    assert 9 not in rows.minute[rows.inside] // 60


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param({9: (1, 0), 10: (42, 10)}, True, id="as the report shows them"),
        pytest.param({10: (43, 13)}, False, id="in one hour otherwise"),
    ],
)
def test_two_days_that_look_alike_have_the_same_rows(other, same):
    rows, others = made(), made(counts=COUNTS | other)

    assert same == all(np.array_equal(*pair) for pair in zip(rows, others, strict=True))


def test_time_inside_is_that_of_all_who_came():
    rows = made(shares=lognormal(median_s=1500))
    visitors = rows.dwell_s[visit_rows.is_visitor(rows, 300)]

    expected_s = dwell.quantiles_s(
        lognormal(median_s=1500), np.array([0.25, 0.5, 0.75]), from_s=300
    )
    assert np.quantile(visitors, (0.25, 0.5, 0.75)) == pytest.approx(expected_s, abs=60)
    assert (visitors % 60 == 0).all()


def test_which_visit_was_long_is_not_told():
    """Long and short ones are mixed evenly, whatever hour they began in."""
    rows = made()
    visitors = visit_rows.is_visitor(rows, 300)
    of_hours = [
        np.median(rows.dwell_s[visitors & (rows.minute // 60 == hour)]) for hour in (10, 11, 17)
    ]

    assert max(of_hours) / min(of_hours) < 1.25


def test_few_visitors_stay_for_multiples_of_five_minutes():
    rows = made(counts={10: (40, 27)})
    visitors = rows.dwell_s[visit_rows.is_visitor(rows, 300)]

    assert len(visitors) == 25
    assert (visitors % 300 == 0).all()


@pytest.mark.parametrize(
    "edge_s", [pytest.param(each, id=f"{each} s") for each in (300, 600, 1200, 3600)]
)
def test_rounding_takes_nobody_over_the_edge_of_a_bucket(edge_s):
    shares = lognormal()
    rows = made(counts={10: (40, 60)})
    visitors = rows.dwell_s[visit_rows.is_visitor(rows, 300)]

    part = 1 - shares[edge_s <= dwell.STAYS_S].sum() / shares[dwell.STAYS_S >= 300].sum()
    assert np.mean(visitors < edge_s) == pytest.approx(part, abs=1.5 / len(visitors) + 0.04)


@pytest.mark.parametrize(
    "counts",
    [
        pytest.param({}, id="nobody"),
        pytest.param({10: (300, 22)}, id="too few visitors"),
        pytest.param(dict.fromkeys(range(24), (100, 4)), id="in each hour too few"),
    ],
)
def test_of_few_visitors_nothing_is_told(counts):
    assert made(counts=counts) is None


def test_visits_of_an_hour_are_spread_over_it():
    minutes = made(counts={17: (0, 30)}, looked_in=0).minute

    assert minutes.tolist() == list(range(17 * 60 + 1, 18 * 60, 2))


@pytest.mark.parametrize(
    ("day", "hours"),
    [pytest.param(SHORT, 23, id="spring"), pytest.param(LONG, 25, id="autumn")],
)
def test_days_on_which_clocks_change_keep_all_their_hours(day, hours):
    counts = dict.fromkeys(range(24), (10, 10))
    rows = made(day=day, zone=BERLIN, counts=counts)

    found = visit_rows.figures(rows, day, BERLIN, 300)
    assert [hour.counts.visitors for hour in found.hours] == [10] * hours
    starts = [hour.start for hour in found.hours]
    assert {after - start for start, after in itertools.pairwise(starts)} == {dt.timedelta(hours=1)}


def test_whoever_looked_in_is_inside_and_no_visitor():
    rows = made()
    looked_in = rows.inside & ~visit_rows.is_visitor(rows, 300)

    assert looked_in.sum() == 30  # of 32, to the nearest five
    assert (rows.dwell_s[looked_in] < 300).all()
    found = visit_rows.figures(rows, DAY, zoneinfo.ZoneInfo("Asia/Shanghai"), 300)
    assert found.counts.entries == found.counts.visitors + 30
