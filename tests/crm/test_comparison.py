import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import comparison
from crm.comparison import Held

KEYS = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=1, max_size=4)
THINGS = st.dictionaries(KEYS, st.integers(1, 3).map(str))


def held(things):
    return [Held(key, things[key]) for key in sorted(things)]


@given(THINGS, THINGS, st.sets(KEYS))
def test_a_range_differs_just_where_something_in_it_does(ours, theirs, starts):
    asked = comparison.ranges(held(ours), sorted(starts))

    found = {asked[place] for place in comparison.differing(asked, held(theirs))}

    for each in asked:
        here, there = (
            {key: value for key, value in side.items() if each.since <= key < each.until}
            for side in (ours, theirs)
        )
        assert (each in found) == (here != there)


@given(THINGS, st.sets(KEYS))
def test_ranges_leave_nothing_out(things, starts):
    asked = comparison.ranges(held(things), sorted(starts))

    assert sum(each.count for each in asked) == len(things)
    assert [each.until for each in asked[:-1]] == [each.since for each in asked[1:]]


@pytest.mark.parametrize("hours", [0, 8])
def test_a_moment_is_the_same_in_every_zone(hours):
    zone = dt.timezone(dt.timedelta(hours=hours))
    moment = dt.datetime(2026, 5, 16, 6, 30, 1, 999_999, dt.UTC).astimezone(zone)

    assert comparison.moment(moment) == "2026-05-16T06:30:01Z"
