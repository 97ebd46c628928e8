import csv
import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analytics.figures import report
from analytics.figures.suppression import rounded
from core.models.traffic import TrafficDay, TrafficHour
from core.settings import Settings

DAY = dt.date(2026, 5, 16)
MIDNIGHT = dt.datetime(2026, 5, 15, 16, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC)


def day_row(**changes):
    values = {
        "day": DAY,
        "probe_requests": 9000,
        "fixtures": 2,
        "passers_by": 300,
        "visitors": 100,
        "dwell_q1_s": 400,
        "dwell_median_s": 900,
        "dwell_q3_s": 2000,
        "dwell_under_5_min": 40,
        "dwell_5_to_20_min": 60,
        "dwell_20_to_60_min": 30,
        "dwell_1_to_6_h": 10,
        "dwell_over_6_h": 0,
        "updated_at": NOW,
        "closed_at": NOW,
    }
    return TrafficDay(**values | changes)


def hour_rows(*counts):
    return [
        TrafficHour(
            start=MIDNIGHT + dt.timedelta(hours=number), day=DAY, passers_by=passed, visitors=came
        )
        for number, (passed, came) in enumerate(counts)
    ]


def test_rounds_each_count_by_itself_and_withholds_small_ones(settings):
    made = report.of(day_row(visitors=101), hour_rows((98, 3), (102, 41), (100, 57)), settings)

    assert [hour.visitors for hour in made.hours] == [None, 40, 55]
    assert [hour.passers_by for hour in made.hours] == [100, 100, 100]
    assert made.visitors.value == 100
    assert made.fixtures is None
    assert made.probe_requests == 9000
    assert list(made.dwell_visits.values()) == [40, 60, 30, 10, None]


def test_intervals_tell_nothing_besides_the_count(settings):
    made = report.of(day_row(visitors=101), hour_rows((300, 101)), settings)

    assert made.visitors == report.of_visitors(100)


def test_a_running_day_comes_to_what_its_hours_show(settings):
    hours = hour_rows((100, 3), (100, 41), (100, 57))
    made = report.of(day_row(closed_at=None), hours, settings)

    assert made.visitors.value == 95
    assert made.visitors.high > report.of_visitors(95).high
    assert set(made.dwell_visits.values()) == {None}
    assert made.bounces is None
    assert made.dwell_median_s == report.Estimate()


def test_a_running_day_with_quiet_hours_alone_is_withheld(settings):
    made = report.of(day_row(closed_at=None), hour_rows((4, 3), (4, 4)), settings)

    assert (made.visitors, made.passers_by, made.entry_rate) == (report.Estimate(),) * 3


def test_who_looked_in_is_a_passer_by_and_shown_as_no_more_than_those(settings):
    made = report.of(day_row(passers_by=17, dwell_under_5_min=18), (), settings)

    assert made.dwell_visits["dwell_under_5_min"] == made.passers_by.value == 15


def test_bounces_are_no_more_than_those_who_stayed_as_long(settings):
    made = report.of(day_row(bounces=60, dwell_5_to_20_min=60), (), settings)

    assert made.bounces == made.dwell_visits["dwell_5_to_20_min"] == 60
    assert report.of(day_row(bounces=3), (), settings).bounces is None


COUNTS = st.integers(0, 30)


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    st.lists(st.tuples(COUNTS, COUNTS, COUNTS), min_size=2, max_size=6),
    st.lists(COUNTS, min_size=4, max_size=4),
    COUNTS,
    st.lists(st.integers(300, 9000), min_size=3, max_size=3),
    st.data(),
)
def test_whatever_is_given_out_hangs_on_rounded_counts_alone(
    hours, dwell, looked_in, stays_s, data
):
    settings = Settings(data_dir=Path("unused"))
    exact = [hours, dwell, looked_in, stays_s]
    alike = [
        [tuple(data.draw(st.sampled_from(like(count))) for count in hour) for hour in hours],
        [data.draw(st.sampled_from(like(count))) for count in dwell],
        data.draw(st.sampled_from(like(looked_in))),
        [data.draw(st.sampled_from(as_long(each))) for each in stays_s],
    ]
    for closed_at in (NOW, None):
        one, other = (
            report.of(*rows(*counts, closed_at=closed_at), settings) for counts in (exact, alike)
        )
        totals = ("passers_by", "visitors")
        assume(closed_at is None or all(getattr(one, _) == getattr(other, _) for _ in totals))
        assert one.to_csv() == other.to_csv()
        assert one.to_data() == other.to_data()


def like(count):
    """Counts that are shown as this one is."""
    return [each for each in range(40) if rounded(each, 5) == rounded(count, 5)]


def as_long(stay_s):
    """Times inside that are shown as this one is."""
    near = range(max(stay_s - 60, 0), stay_s + 61)
    return [each for each in near if round(each / 60) == round(stay_s / 60)]


def rows(hours, dwell, looked_in, stays_s, closed_at):
    names = ("5_to_20_min", "20_to_60_min", "1_to_6_h", "over_6_h")
    day = day_row(
        passers_by=sum(hour[0] for hour in hours),
        visitors=sum(hour[1] for hour in hours),
        dwell_under_5_min=looked_in,
        bounces=dwell[0] // 10,
        closed_at=closed_at,
        **dict(zip(("dwell_q1_s", "dwell_median_s", "dwell_q3_s"), stays_s, strict=True)),
        **{f"dwell_{name}": count for name, count in zip(names, dwell, strict=True)},
    )
    made = hour_rows(*((passed, came) for passed, came, _ in hours))
    for row, (_, _, inside) in zip(made, hours, strict=True):
        row.inside_mean = inside
    return day, made


@pytest.mark.parametrize(
    ("changes", "withheld"),
    [
        pytest.param({}, set(), id="plenty"),
        pytest.param({"visitors": 20}, {"dwell_median_s"}, id="three-in-the-middle"),
        pytest.param(
            {"visitors": 4}, {"visitors", "entry_rate", "dwell_median_s"}, id="few-visitors"
        ),
        pytest.param({"passers_by": 4}, {"passers_by", "entry_rate"}, id="few-passers-by"),
    ],
)
def test_a_ratio_and_a_median_go_with_the_count_they_would_tell(settings, changes, withheld):
    made = report.of(day_row(**changes), (), settings)

    names = ("visitors", "passers_by", "entry_rate", "dwell_median_s")
    assert {name for name in names if getattr(made, name) == report.Estimate()} == withheld


def test_the_entry_rate_is_of_all_who_came_inside(settings):
    made = report.of(day_row(), (), settings)

    assert made.entry_rate.value == (100 + 40) / 400
    assert made.entry_rate.low < made.entry_rate.value < made.entry_rate.high


def test_where_everybody_inside_is_a_visitor_the_rate_is_of_visitors(tmp_path):
    settings = Settings(data_dir=tmp_path, traffic={"visitor_after_s": 0})

    assert report.of(day_row(), (), settings).entry_rate.value == 100 / 400


def test_hours_are_told_by_the_store_s_clock(settings):
    made = report.of(day_row(), hour_rows((100, 40)), settings)

    assert made.hours[0].start.isoformat() == "2026-05-16T00:00:00+08:00"


def test_csv_and_json_say_the_same(settings):
    made = report.of(day_row(), hour_rows((100, 3), (100, 40), (100, 57)), settings)

    lines = {
        (line["hour"], line["figure"]): line for line in csv.DictReader(made.to_csv().split("\r\n"))
    }
    data = json.loads(json.dumps(made.to_data()))
    for name in ("passers_by", "visitors", "entry_rate", "dwell_median_s"):
        line = lines["", name]
        assert {key: float(line[key]) for key in ("value", "low", "high")} == data[name]
    for name, count in data["dwell_visits"].items():
        assert read(lines["", name]) == count
    for hour in data["hours"]:
        start = dt.datetime.fromisoformat(hour["start"]).isoformat(timespec="minutes")
        assert read(lines[start, "visitors"]) == hour["visitors"]
        assert read(lines[start, "passers_by"]) == hour["passers_by"]
    assert len(lines) == 2 + 4 + 5 + 1 + 3 * 3


def read(line):
    assert (line["withheld"] == "yes") == (line["value"] == "")
    return None if line["withheld"] == "yes" else int(line["value"])


def test_the_rate_of_a_running_day_tells_rounded_counts_alone(settings):
    """Who takes it apart finds how many looked in, to the nearest five."""
    hours = hour_rows((100, 30), (100, 42))
    rates = {
        report.of(day_row(closed_at=None, dwell_under_5_min=count), hours, settings).entry_rate
        for count in range(38, 43)
    }

    assert [rate.value for rate in rates] == [round((70 + 40) / 270, 4)]


def test_finds_a_day_with_its_hours_in_order(any_database, settings):
    with any_database.writing() as session:
        session.add_all([day_row(), *reversed(hour_rows((100, 10), (200, 90)))])

    found = report.find(any_database, settings, DAY)

    assert [hour.visitors for hour in found.hours] == [10, 90]
    assert (found.updated_at, found.closed_at) == (NOW, NOW)
    assert report.find(any_database, settings, DAY - dt.timedelta(days=1)) is None


def test_recent_days_come_oldest_first_and_skip_days_without_figures(any_database, settings):
    days = [DAY - dt.timedelta(days=back) for back in (0, 1, 3, 14)]
    with any_database.writing() as session:
        session.add_all(day_row(day=day) for day in days)

    found = report.recent(any_database, settings, DAY, 14)

    assert [each.day for each in found] == [days[2], days[1], days[0]]
