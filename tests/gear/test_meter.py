import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.shape import Counters
from gear.meter import Meter

ALICE = "02:00:00:00:00:0a"


def read(meter, *readings):
    for moment, reading in enumerate(readings):
        meter.take({} if reading is None else {ALICE: Counters(*reading)}, float(moment))
    return meter.of(ALICE)


@pytest.mark.parametrize(
    ("readings", "total"),
    [
        pytest.param([(5, 9)], (0, 0), id="what-stood-there-is-charged"),
        pytest.param([(0, 0), (5, 9), (6, 9)], (6, 9), id="grows"),
        pytest.param([(5, 9), (2, 1)], (2, 1), id="began-again"),
        pytest.param([(0, 0), (5, 9), None, (5, 9)], (5, 9), id="was-out-of-reach"),
        pytest.param([(0, 0), (5, 9), None, (1, 0)], (6, 9), id="came-back-in-a-new-session"),
    ],
)
def test_adds_up_what_has_come(readings, total):
    assert read(Meter(), *readings) == Counters(*total)


def test_remembers_a_phone_that_is_gone_for_an_hour():
    meter = Meter()
    meter.take({ALICE: Counters(0, 0)}, 0.0)
    meter.take({ALICE: Counters(7, 7)}, 10.0)
    meter.take({}, 3600.0)
    assert meter.counters() == {ALICE: Counters(7, 7)}

    meter.take({}, 3611.0)
    assert meter.counters() == {}


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1))
def test_never_falls(readings):
    meter, before = Meter(), Counters(0, 0)
    for moment, reading in enumerate(readings):
        meter.take({ALICE: Counters(*reading)}, float(moment))
        now = meter.of(ALICE)
        assert now.bytes_up >= before.bytes_up
        assert now.bytes_down >= before.bytes_down
        before = now
