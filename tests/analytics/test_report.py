import csv
import datetime as dt
import json

import pytest

from analytics import report
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
        "passers_by_low": 200,
        "passers_by_high": 400,
        "visitors": 100,
        "visitors_low": 80,
        "visitors_high": 120,
        "dwell_q1_s": 400,
        "dwell_median_s": 900,
        "dwell_q3_s": 2000,
        "dwell_under_5_min": 40,
        "dwell_5_to_20_min": 60,
        "dwell_20_to_60_min": 30,
        "dwell_1_to_6_h": 10,
        "dwell_over_6_h": 0,
        "updated_at": NOW,
        "closed_at": None,
    }
    return TrafficDay(**values | changes)


def hour_rows(*counts):
    return [
        TrafficHour(
            start=MIDNIGHT + dt.timedelta(hours=number), day=DAY, passers_by=passed, visitors=came
        )
        for number, (passed, came) in enumerate(counts)
    ]


def test_withholds_small_counts_and_what_would_give_them_away(settings):
    made = report.of(day_row(), hour_rows((100, 3), (100, 40), (100, 57)), settings)

    assert [hour.visitors for hour in made.hours] == [None, None, 57]
    assert [hour.passers_by for hour in made.hours] == [100, 100, 100]
    assert made.fixtures is None
    assert list(made.dwell_visits.values()) == [40, 60, 30, None, None]


def test_shows_the_first_bucket_by_itself_since_passers_by_are_in_it(settings):
    made = report.of(day_row(dwell_under_5_min=3, dwell_over_6_h=9), (), settings)

    assert list(made.dwell_visits.values()) == [None, 60, 30, 10, 9]


def test_takes_all_buckets_as_parts_of_the_visitors_where_everybody_inside_is_one(tmp_path):
    settings = Settings(data_dir=tmp_path, traffic={"visitor_after_s": 0})

    made = report.of(day_row(dwell_under_5_min=3, dwell_over_6_h=9), (), settings)

    assert list(made.dwell_visits.values()) == [None, 60, 30, 10, None]


@pytest.mark.parametrize(
    ("changes", "withheld"),
    [
        pytest.param({}, set(), id="plenty"),
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


def test_the_entry_rate_s_interval_takes_the_far_ends_of_both_counts(settings):
    rate = report.of(day_row(), (), settings).entry_rate

    assert (rate.value, rate.low, rate.high) == (0.25, round(80 / 480, 4), round(120 / 320, 4))


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
    assert len(lines) == 2 + 4 + 5 + 2 * 3


def read(line):
    assert (line["withheld"] == "yes") == (line["value"] == "")
    return None if line["withheld"] == "yes" else int(line["value"])


def test_finds_a_day_with_its_hours_in_order(any_database, settings):
    with any_database.writing() as session:
        session.add_all([day_row(), *reversed(hour_rows((100, 10), (200, 90)))])

    found = report.find(any_database, settings, DAY)

    assert [hour.visitors for hour in found.hours] == [10, 90]
    assert (found.updated_at, found.closed_at) == (NOW, None)
    assert report.find(any_database, settings, DAY - dt.timedelta(days=1)) is None


def test_recent_days_come_oldest_first_and_skip_days_without_figures(any_database, settings):
    days = [DAY - dt.timedelta(days=back) for back in (0, 1, 3, 14)]
    with any_database.writing() as session:
        session.add_all(day_row(day=day) for day in days)

    found = report.recent(any_database, settings, DAY, 14)

    assert [each.day for each in found] == [days[2], days[1], days[0]]
