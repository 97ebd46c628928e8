"""Thresholds from levels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.calibration import proposal
from analytics.calibration.proposal import Separation
from analytics.calibration.stations import Level
from core.models.walk import Station


def levels(pavement, door, back, spread=4):
    return {
        station: Level(dbm, dbm - spread, dbm + spread)
        for station, dbm in zip(
            (Station.PAVEMENT, Station.DOOR, Station.BACK), (pavement, door, back), strict=True
        )
    }


def test_the_threshold_lies_midway_between_the_pavement_and_the_weaker_station_inside():
    found = proposal.of(levels(-80, -50, -60))

    assert (found.inside_dbm, found.weakest) == (-70, Station.BACK)


def test_it_lies_nearer_to_the_station_that_scatters_less():
    steady = levels(-80, -50, -50, 0) | {Station.DOOR: Level(-50, -75, -25)}

    assert proposal.of(steady).inside_dbm < -65


def test_nine_of_ten_phones_three_times_as_far_as_the_pavement_are_near_enough_to_count():
    found = proposal.of(levels(-60, -40, -40, 0))

    # 4.5 dB between phones and 5 dB between places make 6.7 dB, 1.28 of them; and 14.3 dB.
    assert found.outside_dbm == -83


@pytest.mark.parametrize(
    ("pavement", "door", "separation"),
    [
        pytest.param(-85, -50, Separation.CLEAR, id="35 dB apart"),
        pytest.param(-72, -58, Separation.USABLE, id="14 dB apart"),
        pytest.param(-62, -58, Separation.NONE, id="4 dB apart"),
        pytest.param(-50, -58, Separation.NONE, id="louder outside"),
    ],
)
def test_what_overlaps_too_much_is_said_to(pavement, door, separation):
    assert proposal.of(levels(pavement, door, door)).separation is separation


@given(*(st.integers(-100, -20) for _ in range(3)), st.integers(0, 30))
def test_whatever_was_heard_the_thresholds_are_in_order_and_in_range(pavement, door, back, spread):
    found = proposal.of(levels(pavement, door, back, spread))

    assert -100 <= found.outside_dbm < found.inside_dbm <= -1
    assert 0 <= found.mistaken <= 1
