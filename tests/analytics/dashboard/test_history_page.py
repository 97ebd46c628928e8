import csv
import datetime as dt

import pytest
import sqlalchemy as sa

from analytics.calibration import thresholds
from core.models.attribution import Source, SourceKind
from core.models.counting_session import CountingSession, CountSource
from core.models.day_note import DayNote, NoteKind
from core.models.portal_day import EnrolmentDay
from core.models.traffic import TrafficDay
from core.models.user import Role
from tests.analytics.portal_shop import row as portal_row
from tests.analytics.traffic_days import day_row, hour_row

DAY = dt.timedelta(days=1)
WEEK = 7 * DAY


@pytest.fixture
def count(database):
    """Days up to `last`, of so many visitors each; None has no figures."""

    def put(last, *visitors):
        first = last - (len(visitors) - 1) * DAY
        with database.writing() as session:
            session.add_all(
                day_row(first + number * DAY, came)
                for number, came in enumerate(visitors)
                if came is not None
            )

    return put


@pytest.fixture
def note(database, clock):
    def put(day, kind=NoteKind.OTHER, text="Rain", last=None):
        with database.writing() as session:
            session.add(
                DayNote(first=day, last=last or day, kind=kind, text=text, written_at=clock.now)
            )

    return put


def test_adds_up_what_the_days_show(alice, count, today):
    count(today - DAY, 100, 200, 300, 400, 100, 200, 100)

    page = alice.get("/history?range=7&lang=en").text

    assert "1,400" in page
    assert "200 a day on average" in page
    assert "From 7 of 7 days" in page
    assert "Sat, 9 May 2026 – Fri, 15 May 2026" in page


def test_tells_how_many_left_soon_on_days_that_show_it(alice, database, count, today):
    count(today - DAY, 200, 200)
    with database.writing() as session:
        session.get(TrafficDay, today - DAY).bounces = 50

    page = alice.get("/history?range=7&lang=en").text

    assert "left again within ten minutes: 25.0%" in page


def test_names_days_on_which_the_sensor_was_silent_for_a_while(alice, database, count, today):
    count(today - DAY, *[200] * 14)
    with database.writing() as session:
        session.execute(sa.update(TrafficDay).values(heard_s=86400))
        for ago, heard_s in ((5, 3600), (2, 60)):
            day = today - ago * DAY
            noon = hour_row(dt.datetime.combine(day, dt.time(4), dt.UTC), day, 0, 0)
            noon.heard_s = heard_s
            session.add(noon)

    page = alice.get("/history?range=7&lang=en").text

    assert "silent for some hours in which it ought to have heard: Thu 14 May." in page
    assert "6 pairs of like weekdays" in page


def test_says_what_is_out_of_the_ordinary_and_what_to_do(alice, hired, count, today):
    count(today - DAY, *[200] * 60, 900, *[200] * 3)

    page = alice.get("/history?range=7&lang=en").text

    assert "Tue 12 May: more visitors, 450% of the usual" in page
    assert "no fault of the sensor" in page
    assert f"/notes?day={today - 4 * DAY}#add" in page
    assert "#add" not in hired(Role.AUDITOR).get("/history?range=7").text


@pytest.mark.parametrize(("counted_ago", "is_shown"), [(8, True), (5, False)])
def test_people_stand_beside_devices_where_the_count_holds_for_all_days(  # noqa: PLR0917 - by name
    alice, database, settings, count, today, counted_ago, is_shown
):
    count(today - DAY, *[200] * 10)
    begun_at = dt.datetime.combine(today - counted_ago * DAY, dt.time(4), dt.UTC)
    with database.writing() as session:
        session.add(hour_row(begun_at, today - counted_ago * DAY, 60, 300))
        session.add(
            CountingSession(
                user_name="alice",
                source=CountSource.HAND,
                begun_at=begun_at,
                ended_at=begun_at + dt.timedelta(hours=1),
                entered=90,
                rules=thresholds.rules_hash(settings),
            )
        )

    page = alice.get("/history?range=7&lang=en").text

    assert ("calibrated people" in page) is is_shown


@pytest.mark.parametrize("asked", ["7", "90", "year"])
def test_no_day_is_read_twice_for_one_page(alice, database, count, today, asked):
    count(today - DAY, *[200] * 420)
    spans = []

    @sa.event.listens_for(database.engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, given, *_):
        if "probe_requests" in statement and "BETWEEN" in statement:
            spans.append(given)

    alice.get(f"/history?range={asked}")

    ends = [end for span in sorted(spans) for end in span]
    assert ends
    assert ends == sorted(set(ends))


def test_names_days_without_figures_and_withheld_ones(alice, count, today):
    count(today - DAY, 200, None, None, 200, 3, 200, 200)

    page = alice.get("/history?range=7&lang=en").text

    assert "Without figures: Sun 10 May – Mon 11 May." in page
    assert "With too few to show: Wed 13 May." in page
    assert ">3<" not in page


def test_a_day_that_runs_is_in_and_said_to_be(alice, database, today):
    with database.writing() as session:
        session.add(day_row(today, is_closed=False))

    page = alice.get(f"/history?first={today}&last={today}&lang=en").text

    assert "Today is still running" in page
    assert "then there were no figures" in page


def test_leads_to_the_days_before_and_after(alice):
    week = alice.get("/history?first=2026-05-03&last=2026-05-09").text
    month = alice.get("/history?range=last_month").text

    assert "first=2026-04-26&amp;last=2026-05-02" in week
    assert "first=2026-05-10&amp;last=2026-05-15" in week
    assert 'range=last_month" aria-current="page"' in month
    assert "first=2026-03-02&amp;last=2026-03-31" in month


def test_a_wrong_range_is_explained_and_has_no_file(alice):
    for query, why in (
        ("range=decade", "no such range"),
        ("first=2026-05-09&last=2026-05-03", "before the first"),
        ("first=2026-05-09&last=2026-05-30", "has not come yet"),
        ("first=2020-05-09&last=2026-05-03", "At most 731 days"),
        ("first=&last=", "give two days"),
    ):
        answer = alice.get(f"/history?{query}&lang=en")

        assert answer.status_code == 422
        assert why in answer.text
        assert alice.get(f"/history.csv?{query}").status_code == 404


def test_long_ranges_are_drawn_by_week_or_month(alice, count, today):
    count(today - DAY, *[200] * 14)
    for query, label, is_mean in (
        ("range=7", "Fri 15 May", False),
        ("range=90", "11 May–15 May", True),
        ("range=90&by=month", "May 2026", True),
    ):
        page = alice.get(f"/history?{query}&lang=en").text

        assert f">{label}</" in page
        assert ("average day that has figures" in page) is is_mean


def test_compares_with_the_same_weekdays_before_and_a_year_before(alice, count, today):
    count(today - DAY, *[200, 202, 198, 200, 205, 195, 200], *[300, 303, 297, 300, 301, 299, 300])
    count(today - DAY - 52 * WEEK, *[290, 310, 300, 295, 305, 300, 300])

    page = alice.get("/history?range=7&lang=en").text

    assert "With the week before (Sat, 2 May 2026 – Fri, 8 May 2026)" in page
    assert "<strong>+50%</strong>" in page
    assert "More: 50%." in page
    assert "(Sat, 10 May 2025 – Fri, 16 May 2025)" in page
    assert "Cannot be told from chance" in page


def test_days_of_notes_that_forbid_it_are_not_compared(alice, count, note, today):
    count(today - DAY, *[200] * 14)
    note(today - 3 * DAY, NoteKind.CLOSED, "Stocktaking")

    page = alice.get("/history?range=7&lang=en").text

    assert "6 pairs of like weekdays" in page
    assert "a note forbids it: Wed 13 May." in page


def test_across_a_move_of_the_sensor_nothing_is_compared(alice, count, note, today):
    count(today - DAY, *[200] * 14)
    note(today - 8 * DAY, NoteKind.SENSOR_MOVED, "Above the till")

    page = alice.get("/history?range=7&lang=en").text

    assert "The sensor was moved in between" in page
    assert "pairs of like weekdays" not in page


def test_notes_stand_in_the_table_and_mark_the_charts_once(alice, count, note, today):
    count(today - DAY, *[200] * 7)
    note(today - 5 * DAY, text="Rainy days", last=today - 3 * DAY)

    page = alice.get("/history?range=7").text

    # Three rows of the table, and the list; a mark in each of the three charts.
    assert page.count("Rainy days</a>") == 4
    assert page.count('"text": "Rainy days"') == 3


def test_the_file_has_a_line_for_each_day(alice, count, note, today):
    count(today - DAY, 200, None, 3, 200, 200, 200, 200)
    note(today - 7 * DAY, text="=1+1")

    answer = alice.get("/history.csv?range=7")

    lines = list(csv.DictReader(answer.text.splitlines()))
    assert [line["visitors"] for line in lines] == ["200", "", "", "200", "200", "200", "200"]
    assert [line["state"] for line in lines[:3]] == ["closed", "none", "closed"]
    # What a spreadsheet would take for a formula is none.
    assert lines[0]["notes"] == "'=1+1"
    assert "history-store-1-2026-05-09-2026-05-15.csv" in answer.headers["Content-Disposition"]


@pytest.fixture
def logins(database, clock):
    """A day at the portal; of 40 new members, Alice's code brought 17."""

    def put(day):
        with database.writing() as session:
            counted = portal_row(day, (160, 120, 100, 60, 31, 9))
            counted.enrolled = 40
            session.add(counted)
            if session.get(Source, 1) is None:
                kind = SourceKind.GUIDE
                since = clock.now - 60 * DAY
                session.add(Source(kind=kind, name="Lin", code="a", created_at=since))
                session.flush()
            session.add(EnrolmentDay(day=day, source_id=1, members=17))

    return put


def test_sets_phones_beside_estimated_visitors_with_all_the_doubt(alice, count, logins, today):
    count(today - DAY, 200, 200)
    logins(today - DAY)

    page = alice.get("/history?range=7&lang=en").text

    assert "For every 100 estimated visitors, 50 phones came online" in page
    assert "over the 1 days that show both" in page
    assert ">Lin <" in page
    assert "It is no share of people" in page


def test_guides_are_summed_over_whole_months(alice, logins, today):
    for day in (today - DAY, today - 30 * DAY):
        logins(day)

    page = alice.get("/history?range=90&lang=en").text

    assert "Whole calendar months, Feb 2026 to May 2026" in page
    assert ">34</td>" in page


def test_it_sees_no_logins(hired, count, logins, today):
    count(today - DAY, 200)
    logins(today - DAY)

    page = hired(Role.IT).get("/history?lang=en").text

    assert "200" in page
    assert "phones came online" not in page
    assert "Lin" not in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_store_on_its_first_day_is_told_when_there_will_be_something(alice, lang):
    page = alice.get(f"/history?lang={lang}").text

    assert ("每一天结束之后" if lang == "zh" else "once it is over") in page


def test_before_the_store_opened_it_says_of_when_the_first_figures_are(alice, count, today):
    count(today - DAY, 200)

    page = alice.get("/history?first=2025-01-01&last=2025-01-31&lang=en").text

    assert "The first figures are of Fri, 15 May 2026." in page
    assert alice.get("/history.csv?first=2025-01-01&last=2025-01-31").text.count("none") == 31


def test_strangers_see_nothing(charlie):
    for address in ("/history", "/history.csv", "/history/hours", "/history/hours.csv"):
        assert charlie.get(address).location == "/sign-in"
