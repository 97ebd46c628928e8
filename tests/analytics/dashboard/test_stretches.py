import datetime as dt
import itertools
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import wording
from analytics.dashboard import stretches
from analytics.dashboard.day_range import DayRange
from analytics.dashboard.parts import FOLDER
from analytics.dashboard.stretches import Step
from analytics.wording import Wording

DAY = dt.timedelta(days=1)
# A Wednesday.
FIRST = dt.date(2026, 4, 29)


@pytest.fixture(scope="module")
def say():
    return Wording(wording.load(FOLDER / "texts"), "en", zoneinfo.ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("step", "labels"),
    [
        (
            Step.DAY,
            ["Wed 29 Apr", "Thu 30 Apr", "Fri 1 May", "Sat 2 May", "Sun 3 May", "Mon 4 May"],
        ),
        (Step.WEEK, ["29 Apr–3 May", "4 May–4 May"]),
        (Step.MONTH, ["Apr 2026", "May 2026"]),
    ],
)
def test_a_range_is_cut_where_weeks_and_months_are(say, step, labels):
    cut = stretches.cut(DayRange(FIRST, FIRST + 5 * DAY), step)

    assert [each.said(say, step) for each in cut] == labels


@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), st.integers(1, 731))
def test_whatever_the_step_the_parts_are_the_range(first, days):
    asked = DayRange(first, first + (days - 1) * DAY)
    for step in Step:
        cut = stretches.cut(asked, step)
        assert (cut[0].first, cut[-1].last) == (asked.first, asked.last)
        assert all(left.last + DAY == right.first for left, right in itertools.pairwise(cut))


@pytest.mark.parametrize(
    ("days", "step"),
    [(1, Step.DAY), (35, Step.DAY), (90, Step.WEEK), (365, Step.MONTH)],
)
def test_the_longer_the_range_the_longer_the_step(days, step):
    assert stretches.usual(days) is step


def test_days_in_a_row_are_said_as_one(say):
    days = [FIRST, FIRST + 4 * DAY, FIRST + DAY, FIRST + 2 * DAY]

    assert stretches.said(days, say) == "Wed 29 Apr – Fri 1 May, Sun 3 May"


def test_of_many_days_the_first_are_said(say):
    days = [FIRST + number * 2 * DAY for number in range(20)]

    assert stretches.said(days, say).endswith("Wed 13 May and 12 more days")
