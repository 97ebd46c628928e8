"""Which devices are taken for two, and above all which are not."""

import datetime as dt
import ipaddress
import random

import pytest

from core.mac import Mac
from portal.clones.clone_watch import AddressTrails, Answer, LeaseRequest, Looks

MAC = Mac.parse("02:00:5e:10:00:01")
OTHER = Mac.parse("02:00:5e:10:00:02")
A, B, LINK_LOCAL = "192.168.50.10", "192.168.50.11", "169.254.7.7"
TURN_S = 15


def is_noticed(now, *heard):
    """Whether answers, each of an address and a second, are taken for two devices at any turn."""
    trails = AddressTrails()
    last = max(second for _, second in heard)
    noticed = False
    for turn in range(0, last + 2 * TURN_S, TURN_S):
        # The kernel keeps one moment for each address: the last.
        latest = {address: second for address, second in heard if second <= turn}
        answers = [
            Answer(MAC, ipaddress.IPv4Address(address), now + dt.timedelta(seconds=second))
            for address, second in latest.items()
        ]
        noticed |= MAC in trails.follow(answers, now + dt.timedelta(seconds=turn))
    return noticed


@pytest.mark.parametrize(
    "heard",
    [
        pytest.param([(A, 1), (B, 20), (A, 40), (B, 60)], id="in turns"),
        pytest.param([(A, 1), (A, 30), (B, 35), (B, 70), (A, 80), (B, 110)], id="at odd times"),
        pytest.param([(A, 1), (B, 3), (A, 31), (B, 33), (A, 61)], id="both within one look"),
        pytest.param([(A, 1), (B, 180), (A, 360), (B, 540)], id="slowly"),
        pytest.param(
            [(A, 1), (B, 20), ("192.168.50.12", 40), (A, 60)], id="three devices are two at least"
        ),
    ],
)
def test_two_devices_answer_in_turns(now, heard):
    assert is_noticed(now, *heard)


@pytest.mark.parametrize(
    "heard",
    [
        pytest.param([(A, second) for second in range(1, 600, 30)], id="one address"),
        pytest.param([(A, 1), (A, 30), (B, 31), (B, 60), (B, 90)], id="new lease"),
        pytest.param([(A, 1), (B, 30), (A, 60), (A, 90), (A, 120)], id="new lease and back"),
        pytest.param([(A, 14), (B, 15), (B, 45), (B, 75)], id="changed between two looks"),
        pytest.param(
            [(A, 1), (LINK_LOCAL, 20), (A, 40), (LINK_LOCAL, 60), (A, 80)],
            id="no lease for a while",
        ),
        pytest.param([(A, 1), (B, 700), (A, 1400), (B, 2100)], id="another lease every hour"),
        pytest.param([(A, 1), (B, 2), (A, 3)], id="within a moment of each other"),
    ],
)
def test_one_phone_is_left_alone(now, heard):
    assert not is_noticed(now, *heard)


@pytest.mark.parametrize("seed", range(5))
def test_both_at_work_are_noticed_within_four_minutes(now, seed):
    """A neighbour that is used is asked for again after 15 to 50 seconds."""
    chance = random.Random(seed)
    heard = []
    for address in (A, B):
        second = chance.randint(1, 50)
        while second < 240:
            heard.append((address, second))
            second += chance.randint(15, 50)

    assert is_noticed(now, *sorted(heard, key=lambda each: each[1]))


def test_addresses_of_two_phones_are_not_mixed_up(now):
    trails = AddressTrails()
    for second in range(0, 300, TURN_S):
        at = now + dt.timedelta(seconds=second)
        answers = [
            Answer(MAC, ipaddress.IPv4Address(A), at),
            Answer(OTHER, ipaddress.IPv4Address(B), at),
        ]
        assert trails.follow(answers, at) == set()


def test_who_was_asked_starts_with_a_clean_sheet(now):
    trails = AddressTrails()
    for second, address in enumerate([A, B, A, B]):
        at = now + dt.timedelta(seconds=20 * second)
        found = trails.follow([Answer(MAC, ipaddress.IPv4Address(address), at)], at)
    assert found == {MAC}

    trails.forget(MAC)
    assert trails.follow([], at) == set()


ANDROID = ("1,3,6,15,26,28,51,58,59,43,114,108", "android-dhcp-14")
LAPTOP = ("1,2,6,12,15,26,28,121,3,33,40,41,42", "")


def requests(*looks):
    return [LeaseRequest(MAC, *look) for look in looks]


@pytest.mark.parametrize(
    "looks",
    [
        pytest.param([ANDROID, LAPTOP], id="another system"),
        pytest.param([ANDROID, (ANDROID[0], "android-dhcp-13")], id="another class"),
        pytest.param([ANDROID, ANDROID, LAPTOP, ANDROID], id="in turns"),
    ],
)
def test_another_look_is_noticed(looks):
    assert Looks().compare(requests(*looks)) == {MAC}


def test_another_look_is_noticed_at_a_later_turn():
    looks = Looks()
    looks.compare(requests(ANDROID))

    assert looks.compare(requests(LAPTOP)) == {MAC}


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(requests(ANDROID), id="first lease"),
        pytest.param(requests(*[ANDROID] * 20), id="renewals"),
        pytest.param([LeaseRequest(MAC, *ANDROID), LeaseRequest(OTHER, *LAPTOP)], id="two phones"),
        pytest.param(
            [LeaseRequest(MAC, *ANDROID), LeaseRequest(OTHER, *ANDROID)], id="a phone's new address"
        ),
    ],
)
def test_the_same_look_is_left_alone(asked):
    looks = Looks()

    assert looks.compare(asked) == looks.compare(asked) == set()


def test_a_flood_of_addresses_fills_no_memory():
    looks = Looks()
    looks.compare(requests(ANDROID))
    looks.compare(
        LeaseRequest(Mac(b"\x02" + number.to_bytes(5, "big")), *ANDROID) for number in range(20_000)
    )

    # The oldest has been forgotten, so it is not known to have changed.
    assert looks.compare(requests(LAPTOP)) == set()
