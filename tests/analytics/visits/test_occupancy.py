import datetime as dt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.visits.occupancy import Occupancy
from core.sightings import QUARTER_S

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
MINUTE_US = 60_000_000

spans = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 130)), max_size=30)


def occupancy(found):
    """Of spans (begin, length), in minutes."""
    begin, length = np.array(found, dtype=np.int64).reshape(-1, 2).T * MINUTE_US
    return Occupancy.of(begin, length)


@given(spans)
def test_each_quarter_has_the_time_that_lies_in_it(found):
    minutes = [at for begin, length in found for at in range(begin, begin + length)]

    quarters = [
        occupancy(found).within(EPOCH + at * MINUTE, EPOCH + (at + 15) * MINUTE)
        for at in range(0, 450, QUARTER_S // 60)
    ]

    assert quarters == [
        sum(at // 15 == number for at in minutes) * MINUTE_US for number in range(30)
    ]


@given(spans, spans)
def test_parts_together_are_the_whole(some, others):
    whole = occupancy(some + others)

    together = Occupancy.together([occupancy(some), occupancy(others)])

    day = (EPOCH, EPOCH + 24 * 60 * MINUTE)
    assert together.within(*day) == whole.within(*day)
    assert together.within(EPOCH, EPOCH + 90 * MINUTE) == whole.within(EPOCH, EPOCH + 90 * MINUTE)
