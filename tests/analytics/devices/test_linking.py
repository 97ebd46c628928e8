import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.devices.linking import Heard, follow, link
from analytics.devices.names import NOBODY

WINDOW_S = 900
MINUTE = 60


def linked(*sightings, window_s=WINDOW_S):
    """Labels of sightings written as (second, address, fingerprint[, from the factory])."""
    columns = [(*sighting, False)[:4] for sighting in sightings]
    heard_at_s, address, fingerprint, factory = map(np.array, zip(*columns, strict=True))
    return link(
        heard_at_s.astype(float), address, fingerprint, window_s, randomised=~factory
    ).tolist()


@pytest.mark.parametrize(
    ("sightings", "labels"),
    [
        pytest.param([(0, 1, 7), (5, 1, 8)], [0, 0], id="one-address-two-looks"),
        pytest.param([(0, 1, 7), (5, 2, 7)], [0, 0], id="one-look-two-addresses"),
        pytest.param([(0, 1, 7), (5, 2, 8)], [0, 1], id="nothing-shared"),
        pytest.param(
            [(0, 1, 7), (1, 1, 8), (2, 2, 8), (3, 2, 9), (4, 3, 9)], [0] * 5, id="a-chain"
        ),
        pytest.param([(9, 1, 7), (0, 2, 8)], [1, 0], id="in-any-order"),
    ],
)
def test_what_hangs_together_within_a_window_is_one_device(sightings, labels):
    assert linked(*sightings) == labels


@pytest.mark.parametrize(
    ("sightings", "labels"),
    [
        pytest.param([(800, 1, 7), (1000, 1, 8)], [0, 0], id="by-its-address"),
        pytest.param([(800, 1, 7), (1000, 2, 7)], [0, 0], id="by-its-look"),
        pytest.param([(800, 1, 7), (1000, 2, 8)], [0, 1], id="not-by-nothing"),
        pytest.param([(0, 1, 7), (1000, 2, 7)], [0, 1], id="not-over-a-long-silence"),
        pytest.param(
            [(0, 1, 7), (2 * WINDOW_S, 1, 7)], [0, 1], id="not-over-a-whole-window-unheard"
        ),
        pytest.param([(t, t, 7) for t in range(0, 4 * WINDOW_S, 300)], [0] * 12, id="for-hours"),
    ],
)
def test_a_device_goes_on_in_the_next_window(sightings, labels):
    assert linked(*sightings) == labels


@pytest.mark.parametrize(
    ("silence_s", "labels"),
    [pytest.param(900, [0, 0], id="remembered"), pytest.param(901, [0, 1], id="forgotten")],
)
@pytest.mark.parametrize("first_s", [0, 400, 899])
@pytest.mark.parametrize("window_s", [300, WINDOW_S])
def test_a_made_up_address_stands_for_a_device_until_a_quarter_of_an_hour_of_silence(
    first_s, silence_s, labels, window_s
):
    again_s = first_s + silence_s

    assert linked((first_s, 1, 7), (again_s, 1, 8), window_s=window_s) == labels


def test_short_windows_remember_as_long_as_long_ones():
    assert linked((0, 1, 7), (MINUTE * 10, 2, 7), window_s=MINUTE) == [0, 0]


def test_a_device_that_turns_out_to_be_two_keeps_its_name_for_the_one_heard_more():
    together = [(800, 1, 7), (801, 1, 8)]
    apart = [(1000, 2, 7), (1001, 3, 8), (1002, 3, 8)]

    assert linked(*together, *apart) == [0, 0, 1, 0, 0]


def test_two_devices_that_seem_to_be_one_for_a_while_stay_two_before_it():
    apart = [(800, 1, 7), (801, 2, 8)]
    together = [(1000, 3, 7), (1001, 3, 8)]

    labels = linked(*apart, *together)

    assert labels[0] != labels[1]
    assert labels[2] == labels[3]


def test_computers_of_one_model_are_told_apart_by_their_factory_addresses():
    office = [(t, pc, 7, True) for t in (0, 100) for pc in range(14)]

    assert len(set(linked(*office))) == 14


def test_a_made_up_address_that_claims_to_be_from_the_factory_names_nobody():
    pretender = [(t, t, 7, True) for t in range(0, 600, 20)]

    assert set(linked(*pretender)) == {0}


def test_a_factory_address_is_one_device_all_day():
    assert linked((0, 1, 7, True), (5 * 3600, 1, 7, True)) == [0, 0]


def test_a_phone_that_shows_its_factory_address_as_well_is_one_device():
    assert set(linked((0, 1, 7, True), (70, 1, 7, True), (80, 2, 7), (950, 3, 7))) == {0}


def test_made_up_addresses_between_two_computers_of_their_look_belong_to_neither():
    labels = linked(
        (0, 1, 7, True), (0, 2, 7, True), (70, 1, 7, True), (70, 2, 7, True), (80, 3, 7)
    )

    assert labels == [0, 1, 0, 1, 2]


def test_an_address_names_its_device_from_the_window_on_in_which_it_has_lasted():
    office = [(at, pc, 7, True) for at in (870, 910, 940) for pc in range(3)]

    assert linked(*office) == [0, 0, 0] + 2 * [0, 1, 2]


def test_two_settled_addresses_never_share_a_device():
    before = [(0, 1, 7, True), (70, 1, 7, True)]
    # Under the other's look while that is away, then both at once.
    other = [(800, 2, 7, True), (890, 2, 7, True), (950, 2, 8, True), (1000, 1, 7, True)]

    labels = linked(*before, *other)

    assert labels[-1] == labels[0]
    assert labels[-2] != labels[0]


@given(
    st.lists(
        st.tuples(st.integers(0, 7200), st.integers(0, 9), st.integers(0, 5)),
        min_size=1,
        max_size=60,
    ),
    st.sets(st.integers(1, 8)),
)
def test_it_makes_no_difference_where_windows_are_cut_apart(rows, cuts):
    at_s, address, look = np.array(sorted(rows)).T
    heard = Heard(at_s * 1_000_000, address, look, address % 3 > 0)
    window_us = WINDOW_S * 1_000_000
    bounds = np.searchsorted(at_s, [0, *(WINDOW_S * cut for cut in sorted(cuts)), 10**6])

    names, found = NOBODY, []
    for begin, end in itertools.pairwise(bounds):
        part = Heard(*(column[begin:end] for column in heard))
        linked_part = follow(names, part, window_us)
        names, found = linked_part.names, [*found, *linked_part.device]

    at_once = follow(NOBODY, heard, window_us)
    assert found == at_once.device.tolist()
    assert names.devices == at_once.names.devices


def test_links_nothing_to_nothing():
    empty = np.empty(0, dtype=np.int64)

    assert link(empty.astype(float), empty, empty, WINDOW_S).tolist() == []


def test_takes_every_address_for_made_up_when_nothing_is_known_of_it():
    column = np.array([1, 2])

    assert link(np.array([0.0, 100.0]), column, column * 0, WINDOW_S).tolist() == [0, 0]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1))
def test_agrees_with_walking_from_sighting_to_sighting(pairs):
    groups = []
    for address, look in pairs:
        shares = [group for group in groups if any(a == address or f == look for a, f in group)]
        groups = [group for group in groups if group not in shares]
        groups.append({(address, look)}.union(*shares))

    labels = linked(*((0, address, look) for address, look in pairs))

    together = {}
    for pair, label in zip(pairs, labels, strict=True):
        together.setdefault(label, set()).add(pair)
    assert sorted(map(sorted, together.values())) == sorted(map(sorted, groups))
