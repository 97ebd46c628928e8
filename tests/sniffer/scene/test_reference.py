"""Holds invented phones against real ones, so that the scene does not drift from what is.

`reference.toml` has the numbers of real captures; reference.py wrote it and names them. Each
comparison is with phones of the captures' own year: what those of today do, nobody has
published. The bands are wide where the scene and the captures differ by design (one phone a
person here; students with laptops there), and docs/simulator.md says where.
"""

import datetime as dt
import random
import statistics
import tomllib
from pathlib import Path

import pytest

from sniffer import frames
from sniffer.scene.crowd import Crowd
from tests.sniffer.scene import behaviour
from tests.sniffer.scene.lone_phone import names, session
from tests.sniffer.scene.reference import DRAWS, LEAST_FRAMES, STATES, heard

REFERENCE = tomllib.loads(Path(__file__).with_name("reference.toml").read_text("utf-8"))
LEAST, QUARTER, MEDIAN, THREE_QUARTERS, MOST = range(5)
START = dt.datetime(2023, 10, 2, 15, tzinfo=dt.UTC)
ROOM_OF = 2023
PEOPLE, ROOM_MINUTES = (48, 85, 121), 2


def decoded(frame):
    return heard(frame.at_us, frame.data, frames.decode(frame.data, 127))


def heard_of(name, state, seed):
    return [decoded(frame) for frame in session(name, state, seed)]


@pytest.fixture(scope="module")
def sessions():
    """Two for each phone and state."""
    return {
        state: {name: [heard_of(name, state, seed) for seed in (1, 2)] for name in names()}
        for state in STATES
    }


@pytest.fixture(scope="module")
def phones(sessions):
    return {
        state: [
            behaviour.of_phone(each)
            for both in sessions[state].values()
            for each in both
            if len(each) > LEAST_FRAMES
        ]
        for state in STATES
    }


@pytest.fixture(scope="module")
def rooms():
    found = []
    for people in PEOPLE:
        crowd = Crowd(
            START, seed=people, devices=people, minutes=ROOM_MINUTES, channels=(1,), year=ROOM_OF
        )
        captured = [decoded(frame) for frame in crowd.play()[0] if frame.phone is not None]
        found.append(behaviour.of_crowd(captured, people, ROOM_MINUTES))
    return found


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "figure",
    [
        "bursts_per_min",
        "frames_per_burst",
        "addresses_per_min",
        "address_life_s",
        "fingerprints",
        "signal_sd_db",
        "times_heard",
    ],
)
def test_a_phone_in_the_middle_is_among_the_middle_half_of_real_ones(state, figure, phones):
    real = REFERENCE["phone"][state][figure]
    median = statistics.median(each[figure] for each in phones[state] if figure in each)

    assert real[QUARTER] <= median <= real[THREE_QUARTERS]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "figure", ["bursts_per_min", "frames_per_burst", "addresses_per_min", "fingerprints"]
)
def test_the_liveliest_phones_are_as_lively_as_real_ones(state, figure, phones):
    most = statistics.quantiles((each[figure] for each in phones[state]), n=10)[-1]

    assert REFERENCE["phone"][state][figure][MOST] / 2.2 <= most
    assert most <= REFERENCE["phone"][state][figure][MOST] * 2.2


@pytest.mark.parametrize("state", STATES)
def test_numbers_go_on_over_a_change_of_address_or_start_anew_as_often(state, phones):
    shares = [each["goes_on"] for each in phones[state] if "goes_on" in each]
    going_on = behaviour.share(share > 0.5 for share in shares)

    # Of real phones that change their address often enough to tell, about half do either.
    assert 0.35 <= going_on <= 0.7
    real = REFERENCE["phone"][state]["goes_on"]
    assert min(shares) <= real[QUARTER]
    assert max(shares) >= real[THREE_QUARTERS]


@pytest.mark.parametrize("state", STATES)
def test_some_phones_of_those_years_never_make_up_an_address(state, phones):
    factory = behaviour.share(each["factory_share"] == 1 for each in phones[state])

    # 5 of 22 real ones.
    assert 0.1 <= factory <= 0.35


@pytest.mark.parametrize(
    ("figure", "leeway"),
    [
        pytest.param("addresses_per_person_min", 0.2, id="addresses"),
        pytest.param("frames_per_address", 0.2, id="frames-per-address"),
        pytest.param("factory_address_share", 0.2, id="factory-addresses"),
        pytest.param("factory_frame_share", 0.2, id="factory-frames"),
        pytest.param("named_share", 0.2, id="by-name"),
        pytest.param("signal_sd_db", 0.2, id="signal"),
        # A person here has one phone and nothing else; the lab has fourteen PCs, too, and
        # students have laptops.
        pytest.param("frames_per_person_min", 0.4, id="frames"),
        # Here, phones are near enough for neighbouring channels to be heard.
        pytest.param("address_life_90_percent_s", 0.9, id="address-life"),
    ],
)
def test_a_room_full_of_people_lies_between_two_real_ones(figure, leeway, rooms):
    ours = statistics.fmean(each[figure] for each in rooms)
    real = [REFERENCE[place][figure] for place in ("room", "lab")]

    assert min(each[LEAST] for each in real) * (1 - leeway) <= ours
    assert ours <= max(each[MOST] for each in real) * (1 + leeway)


def test_a_room_full_of_people_has_as_many_looks_as_the_real_one(rooms):
    """Within two minutes; the lab was listened to for hours."""
    ours = statistics.fmean(each["fingerprints_per_person"] for each in rooms)
    real = REFERENCE["room"]["fingerprints_per_person"]

    assert real[LEAST] <= ours <= real[MOST]


@pytest.mark.parametrize("devices", [60, 120])
def test_a_crowd_of_today_has_fewer_looks_than_phones(devices):
    """Between a generator of 14 models (11 looks of 60 phones, 14 of 120) and the room."""
    played, _ = Crowd(START, seed=devices, devices=devices, minutes=2).play()
    looks = {decoded(frame).fingerprint for frame in played if frame.phone is not None}

    assert 0.25 <= len(looks) / devices <= REFERENCE["room"]["fingerprints_per_person"][MEDIAN]


@pytest.mark.parametrize("count", [5, 10, 15])
def test_mixes_are_as_hard_to_count_as_real_ones(count, sessions):
    """By the plainest way that is any good, so that no estimator of ours has a say."""
    rng = random.Random(count)
    errors = []
    for _ in range(DRAWS):
        names = rng.sample(sorted(sessions["on"]), count)
        chosen = [rng.choice(sessions[rng.choice([*STATES])][name]) for name in names]
        mixed = [each for one in chosen for each in one]
        errors.append(abs(behaviour.devices_counted(mixed) - count) / count)

    real = REFERENCE["mix"][str(count)]
    assert real / 2.5 <= 100 * statistics.fmean(errors) <= real * 2.5
