import datetime as dt

import numpy as np
import pytest

from analytics.visits import hearing, windows
from analytics.visits.bursts import BURST
from core.setting_groups.traffic import TrafficSettings

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def by_quarter(told, *heard_at_s):
    bursts = np.zeros(len(heard_at_s), BURST)
    bursts["heard_at_us"] = np.array(sorted(heard_at_s)) * 1_000_000
    day = windows.put_together([], 0, np.empty(0, np.int64), told, TrafficSettings())
    return hearing.by_quarter(day._replace(bursts=bursts))


@pytest.mark.parametrize(
    ("told", "heard_at_s", "seconds"),
    [
        pytest.param({1: 900}, [950], {1: 900}, id="all-the-time"),
        pytest.param({1: 300}, [950], {1: 300}, id="for-a-part"),
        pytest.param({1: 901}, [], {1: 900}, id="no-longer-than-there-is"),
        pytest.param({1: 5}, [950, 1550], {1: 600}, id="what-came-late-was-heard"),
        pytest.param({1: 900}, [1801, 1901], {1: 900, 2: 100}, id="in-another-quarter"),
        pytest.param({}, [950, 1550], None, id="a-recording-does-not-say"),
    ],
)
def test_for_how_long_somebody_heard(told, heard_at_s, seconds):
    assert by_quarter(told, *heard_at_s) == seconds


def test_an_hour_has_what_was_heard_in_its_quarters():
    heard_s = {3: 900, 4: 900, 7: 20, 8: 900}

    assert (
        hearing.within(heard_s, EPOCH + dt.timedelta(hours=1), EPOCH + dt.timedelta(hours=2)) == 920
    )
    assert hearing.within(None, EPOCH, EPOCH + dt.timedelta(hours=1)) is None
