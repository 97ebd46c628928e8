import csv
import datetime as dt
import zoneinfo

import pytest

from analytics import wording
from analytics.dashboard import heat
from analytics.dashboard.parts import FOLDER
from analytics.figures import report
from analytics.figures.weekday_hours import WeekdayHours
from analytics.wording import Wording
from core import clock as clocks
from core import opening_hours
from core.models.traffic import TrafficDay
from tests.analytics.traffic_days import day_row, hour_row

DAY = dt.timedelta(days=1)


@pytest.fixture
def open_hours(database, settings):
    """A day that was open from ten to one: quiet, busy, and nobody but passers-by."""

    def put(day, busy=60):
        starts = clocks.hour_starts(day, settings.store.zone)[10:13]
        with database.writing() as session:
            session.add(day_row(day))
            for start, came in zip(starts, (20, busy, 1), strict=True):
                session.add(hour_row(start, day, came, 80))

    return put


def test_shows_the_average_hour_of_each_weekday(alice, open_hours, today):
    # Two Fridays and a Thursday.
    for days_ago, busy in ((1, 60), (8, 100), (2, 40)):
        open_hours(today - days_ago * DAY, busy)

    page = alice.get("/history/hours?lang=en").text

    assert "Fri (2 days)" in page
    assert "Thu (1 day)" in page
    assert "Sat (no day)" in page
    assert "Busiest: Fri, 11:00–12:00, with 80 visitors on average." in page
    assert "50.0% (" in page


def test_withheld_hours_are_nowhere(alice, open_hours, today):
    open_hours(today - DAY)

    page, file = alice.get("/history/hours?lang=en").text, alice.get("/history/hours.csv").text

    assert "not shown" in page
    lines = list(csv.DictReader(file.splitlines()))
    assert [(line["hour"], line["visitors"], line["passers_by"]) for line in lines] == [
        ("10", "20", "80"),
        ("11", "60", "80"),
        ("12", "", "80"),
    ]
    # With one of the two, the share would tell the other.
    assert [line["visitor_share"] for line in lines] == ["0.2", "0.4286", ""]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_hours_it_says_what_it_takes(alice, lang):
    page = alice.get(f"/history/hours?lang={lang}").text

    assert ("已经结束" if lang == "zh" else "a day that is over") in page
    assert "hours.csv" not in page


def test_a_wrong_range_is_explained_and_has_no_file(alice):
    assert alice.get("/history/hours?range=decade").status_code == 422
    assert alice.get("/history/hours.csv?range=decade").status_code == 404


def test_opening_hours_are_outlined_if_they_are_known():
    found = WeekdayHours((9, 10, 11, 12), (1,) * 7, ((None,) * 4,) * 7, ((None,) * 4,) * 7)
    say = Wording(wording.load(FOLDER / "texts"), "en", zoneinfo.ZoneInfo("Asia/Shanghai"))

    known = heat.maps(found, opening_hours.parse("Mo-Fr 10:00-12:00; Su 09:30-09:45"), say)
    unknown = heat.maps(found, None, say)

    assert known["visitors"].outlined == [[1, 2]] * 5 + [[], [0]]
    assert unknown["visitors"].outlined == [[]] * 7


def test_says_whether_opening_hours_are_known(alice, open_hours, today):
    open_hours(today - DAY)

    assert "Opening hours are not known" in alice.get("/history/hours?lang=en").text


def test_who_left_at_once_is_in_the_entry_rate_and_in_no_share_of_visitors(
    alice, database, settings, open_hours, today
):
    open_hours(today - DAY)
    with database.writing() as session:
        day = session.get(TrafficDay, today - DAY)
        day.visitors, day.passers_by, day.dwell_under_5_min = 80, 240, 80

    page, file = alice.get("/history/hours?lang=en").text, alice.get("/history/hours.csv").text

    assert report.find(database, settings, today - DAY).entry_rate.value == 0.5
    assert "Share of visitors" in page
    assert "visitor_share" in file
    # 20 of 100, of whom nobody says how many more came in.
    assert "entry_rate" not in file
    assert ">Entry rate<" not in page
