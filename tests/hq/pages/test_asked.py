import datetime as dt

import pytest

from hq.pages import asked
from tests.hq.pages.shops import DAY, TODAY

YESTERDAY = TODAY - DAY


@pytest.mark.parametrize(
    ("query", "days", "apart"),
    [
        pytest.param({}, 7, 7, id="a-week-unless-asked"),
        pytest.param({"range": "1"}, 1, 7, id="yesterday-with-the-same-weekday"),
        pytest.param({"range": "28"}, 28, 28, id="four-weeks"),
        pytest.param({"first": "2026-04-01", "last": "2026-04-10"}, 10, 14, id="whole-weeks-apart"),
        pytest.param({"range": "7", "with": "year"}, 7, 364, id="a-year-before"),
    ],
)
def test_days_are_compared_with_the_same_weekdays(query, days, apart):
    found = asked.read(query, None, TODAY)

    assert (found.fault, found.days.days, found.apart) == (None, days, apart)
    assert found.last == found.days.last - dt.timedelta(days=apart)


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ({"range": "year"}, "unknown"),
        ({"first": "2026-01-01", "last": "2026-05-01"}, "too_long"),
        ({"first": "2026-05-03", "last": "2026-05-01"}, "backwards"),
        ({"first": "yes", "last": "no"}, "no_day"),
        ({"last": "2027-01-01", "first": "2026-12-31"}, "future"),
    ],
)
def test_what_cannot_be_asked_is_answered_with_the_usual_days_and_why(query, fault):
    found = asked.read(query, None, TODAY)

    assert found.fault == fault
    assert (found.days.days, found.days.last) == (7, YESTERDAY)


def test_asking_again_gives_the_same():
    found = asked.read({"region": "-", "name": " Nan ", "range": "28", "with": "year"}, None, TODAY)

    assert asked.read(found.arguments(), None, TODAY) == found
    assert (found.scope.region, found.scope.name) == ("", "Nan")
