import itertools
import random

import pytest

from sniffer.scene.models import models
from sniffer.scene.phone import Phone

CHANNELS = frozenset({1, 6, 11})
HOUR_S = 3600


def sent(name, *, seed=1, joins=None, until_s=HOUR_S, screen_on=None):
    phone = Phone(random.Random(seed), models()[name], 0, CHANNELS, screen_on=screen_on)
    return list(phone.between(0, until_s, joins))


def senders(frames):
    return [sender for sender, _ in itertools.groupby(frame.sender for frame in frames)]


def is_randomised(sender):
    return bool(sender[0] & 2)


def ssid(frame):
    """After the header's 24 octets: tag, length, name."""
    return frame.frame[26 : 26 + frame.frame[25]]


def test_sends_in_its_time_and_on_channels_that_are_heard():
    frames = sent("C21", until_s=600)

    assert [frame.at_s for frame in frames] == sorted(frame.at_s for frame in frames)
    assert frames[-1].at_s < 600
    assert {frame.channel for frame in frames} == CHANNELS


def test_a_thing_keeps_the_address_from_the_factory():
    (sender,) = set(senders(sent("printer")))

    assert not is_randomised(sender)


def test_a_phone_makes_up_an_address_for_each_burst():
    found = senders(sent("B23"))

    assert all(map(is_randomised, found))
    assert len(found) == len(set(found)) > 10


def test_some_change_it_within_a_burst():
    frames = sent("A21")

    per_second = [
        len({frame.sender for frame in group})
        for _, group in itertools.groupby(frames, key=lambda frame: int(frame.at_s // 10))
    ]
    assert max(per_second) > 1


def test_a_watch_keeps_it_for_minutes():
    found = senders(sent("A-watch", until_s=3 * HOUR_S))

    assert 5 < len(found) < 60


@pytest.mark.parametrize(
    ("name", "goes_on"), [pytest.param("D20", True), pytest.param("B23", False)]
)
def test_numbers_go_on_or_start_anew_with_the_address(name, goes_on):
    changes = [
        (b.sequence - a.sequence) % 4096
        for a, b in itertools.pairwise(sent(name))
        if a.sender != b.sender
    ]

    assert (sum(change <= 200 for change in changes) > len(changes) / 2) == goes_on


def test_on_a_network_it_keeps_one_address_and_asks_for_that_network():
    frames = sent("B23", joins=(600, b"Shop guests"))

    before = [frame for frame in frames if frame.at_s < 600]
    after = [frame for frame in frames if frame.at_s >= 660]
    assert len(set(senders(before))) > 1
    assert len(set(senders(after))) == 1
    assert is_randomised(after[0].sender)
    assert {ssid(frame) for frame in after} == {b"Shop guests"}
    assert {ssid(frame) for frame in before} == {b""}


def test_leaves_the_network_behind_when_it_goes():
    phone = Phone(random.Random(1), models()["B23"], 0, CHANNELS)
    [*_, last] = phone.between(0, 1200, (60, b"Shop guests"))
    later = list(phone.between(7200, 9000))

    assert last.sender not in {frame.sender for frame in later}
    assert {ssid(frame) for frame in later} == {b""}


def test_asks_for_known_networks_only_while_its_screen_is_on():
    assert {ssid(frame) for frame in sent("C17", screen_on=False)} == {b""}
    assert len({ssid(frame) for frame in sent("C17", screen_on=True)}) == 1 + 5


def test_a_phone_that_is_woken_up_looks_around_more_often():
    asleep, awake, both = (
        len(sent("A16", screen_on=state, until_s=6 * HOUR_S)) for state in (False, True, None)
    )

    assert asleep < awake
    assert asleep < both


def test_a_body_takes_power_from_a_phone_in_a_pocket_but_not_from_a_thing():
    def powers(name):
        return {frame.power_dbm for frame in sent(name, until_s=3 * HOUR_S)}

    in_hand, in_pocket = sorted(powers("C21"), reverse=True)
    assert in_hand - in_pocket == 5
    assert len(powers("tv")) == 1
