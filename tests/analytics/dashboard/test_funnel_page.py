import csv
import datetime as dt

import pytest

from core.models.attribution import Source, SourceKind
from core.models.portal_day import EnrolmentDay
from tests.analytics.portal_shop import row

DAY = dt.timedelta(days=1)


@pytest.fixture
def count(database, clock):
    """Figures of a day; of its 40 new members, Alice's code brought 17."""

    def put(day, steps=(240, 182, 171, 66, 31, 9), parts=(17, 26, 11, 7, 5)):
        with database.writing() as session:
            counted = row(day, steps, parts)
            counted.enrolled = 40
            session.add(counted)
            if session.get(Source, 1) is None:
                kind = SourceKind.GUIDE
                alice = Source(kind=kind, name="=Alice", code="a", created_at=clock.now)
                session.add(alice)
                session.flush()
            session.add(EnrolmentDay(day=day, source_id=1, members=17))

    return put


def test_shows_the_way_of_the_phones(alice, count, today):
    count(today)

    page = alice.get("/funnel?lang=en&days=1").text

    for shown in ("240", "182", "75.8%", "171", "66", "31", "9", "29.0%"):
        assert f">{shown}</td>" in page
    assert "not available" in page


def test_withheld_figures_are_nowhere(alice, count, today):
    count(today, steps=(240, 238, 171, 66, 31, 3), parts=(3, 26, 11, 8, 1))

    pages = alice.get("/funnel?lang=en&days=1").text + alice.get("/funnel.csv").text

    for withheld in (">238<", ",238,", ">3<", ",3,", ">1<", ",1,", ">8<", ",8,"):
        assert withheld not in pages


def test_a_span_says_of_how_many_days_a_figure_is(alice, count, today):
    count(today)
    count(today - DAY, steps=(100, 98, 50, 20, 2, 0))

    page = alice.get("/funnel?lang=en&days=7").text

    assert ">340</td>" in page
    assert "on 1 of 2 days" in page
    assert f"day={today - DAY}" in page


def test_leads_to_the_days_before_and_not_beyond_today(alice, count, today):
    count(today - 3 * DAY)

    page = alice.get(f"/funnel?day={today - 3 * DAY}&days=7").text

    assert f"day={today - 10 * DAY}&amp;days=7" in page
    assert f"day={today}&amp;days=7" in page
    assert f"day={today + 4 * DAY}" not in page


@pytest.mark.parametrize(
    "query", ["day=tomorrow", "day=9999-12-31", "day=0001-01-01", "days=8", "days=x", "days="]
)
def test_what_is_no_time_range_has_no_page(alice, query):
    assert alice.get(f"/funnel?{query}").status_code == 404
    assert alice.get(f"/funnel.csv?{query}").status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_store_is_told_what_to_do(alice, lang):
    page = alice.get(f"/funnel?lang={lang}").text

    assert "doorman jobs" in page
    assert "funnel.csv" not in page
    assert len(alice.get("/funnel.csv").text.splitlines()) == 1


def test_the_download_has_the_days_and_the_month(alice, count, today):
    count(today)

    response = alice.get("/funnel.csv?days=30")

    lines = list(csv.reader(response.text.splitlines()))
    assert ["store-1", f"{today}", "asked", "", "182", "no"] in lines
    assert ["store-1", f"{today}", "members_back_7", "", "26", "no"] in lines
    # A name that a spreadsheet would take for a formula is none.
    assert ["store-1", f"{today:%Y-%m}", "enrolled_by_guide", "'=Alice", "17", "no"] in lines
    assert ["store-1", f"{today:%Y-%m}", "enrolled", "", "40", "no"] in lines
    first = today - 29 * DAY
    assert f"funnel-store-1-{first}-{today}.csv" in response.headers["Content-Disposition"]


def test_every_figure_is_explained(alice, count, today):
    count(today)
    page, figures = alice.get("/funnel").text, alice.get("/figures").text

    for name in ("funnel", "returning", "enrolments"):
        assert f"/figures#{name}" in page
        assert f'id="{name}"' in figures


def test_strangers_see_nothing(charlie):
    assert charlie.get("/funnel").location == "/sign-in"
    assert charlie.get("/funnel.csv").location == "/sign-in"
