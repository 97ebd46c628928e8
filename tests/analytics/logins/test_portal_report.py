import datetime as dt

import pytest

from analytics.logins import portal_report
from analytics.logins.portal_report import Sum
from tests.analytics.portal_shop import row

LAST = dt.date(2026, 5, 16)
DAY = dt.timedelta(days=1)


@pytest.fixture
def put(database):
    def write(*rows):
        with database.writing() as session:
            session.add_all(rows)

    return write


def test_a_day_shows_neither_small_steps_nor_small_differences(database, settings, put):
    put(row(LAST, (90, 88, 60, 30, 10, 2), (9, 3, 20, 30, 40)))

    span = portal_report.find(database, settings, LAST, 1)

    assert list(span.days[0].steps.values()) == [90, None, 60, 30, 10, None]
    assert list(span.days[0].members.values()) == [None, None, 20, 30, 40]


def test_a_running_day_is_rounded_so_that_nobody_is_seen_to_come(database, settings, put):
    running = row(LAST, (92, 88, 61, 30, 7, 2), (9, 3, 21, 30, 40))
    running.closed_at = None
    put(running)

    span = portal_report.find(database, settings, LAST, 1)

    assert list(span.days[0].steps.values()) == [90, 90, 60, 30, 5, None]
    assert list(span.days[0].members.values()) == [10, None, 20, 30, 40]


def test_a_span_sums_up_what_its_days_show(database, settings, put):
    put(row(LAST - DAY, (90, 60, 50, 30, 10, 5)), row(LAST, (40, 39, 30, 20, 3, 0)))

    span = portal_report.find(database, settings, LAST, 7)

    assert (span.first, len(span.days)) == (LAST - 6 * DAY, 2)
    assert span.steps == {
        "saw": Sum(130, 2),
        "asked": Sum(60, 1, round(60 / 90, 4)),
        "online": Sum(80, 2, round(50 / 60, 4)),
        "member": Sum(50, 2, round(50 / 80, 4)),
        "marketing": Sum(10, 1, round(10 / 30, 4)),
        "clicked": Sum(5, 1, 0.5),
    }


def test_days_outside_of_the_span_are_not_in_it(database, settings, put):
    put(*(row(LAST + days * DAY, (90, 60, 50, 30, 10, 5)) for days in (-7, -6, 0, 1)))

    assert portal_report.find(database, settings, LAST, 7).steps["saw"] == Sum(180, 2)


def test_a_span_without_days_shows_nothing(database, settings):
    span = portal_report.find(database, settings, LAST, 30)

    assert span.days == ()
    assert set(span.members.values()) == {Sum(None, 0)}


def test_what_a_day_withholds_is_in_no_span(database, settings, put):
    """Else the difference of two spans would tell it."""
    put(row(LAST - DAY, (90, 60, 50, 30, 10, 5)))
    before = portal_report.find(database, settings, LAST, 7)
    put(row(LAST, (4, 4, 4, 4, 4, 4), (1, 1, 1, 0, 0)))

    after = portal_report.find(database, settings, LAST, 7)

    assert (after.steps, after.members) == (before.steps, before.members)
