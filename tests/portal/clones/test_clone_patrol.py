import ipaddress

import pytest

from core.models.grant import Grant
from gate.client import GateUnavailableError
from portal.clones import lease_spool
from portal.clones.challenges import Outcome
from portal.clones.clone_patrol import Patrol
from portal.neighbours import Confirmation
from tests.portal.conftest import OTHER_NUMBER

TURN_S = 15


class FakeTable:
    """Who is at work under an address is confirmed every 30 seconds, with others in between."""

    def __init__(self, clock):
        self._clock = clock
        self._begun = clock.now
        self._at_work = []

    def add(self, mac, address, first_s):
        self._at_work.append((mac, ipaddress.IPv4Address(address), first_s))

    def confirmations(self):
        passed_s = (self._clock.now - self._begun).total_seconds()
        return [
            Confirmation(mac, address, (passed_s - first_s) % 30)
            for mac, address, first_s in self._at_work
            if passed_s >= first_s
        ]


@pytest.fixture
def table(clock):
    return FakeTable(clock)


@pytest.fixture
def patrol(database, sealer, gate, table, tmp_path):
    return Patrol(database, sealer, gate, table, tmp_path, most=3)


@pytest.fixture
def turn(patrol, clock):
    def turn(count=1):
        tally = {}
        for _ in range(count):
            tally = patrol.turn(clock.now)
            clock.pass_by(seconds=TURN_S)
            if tally:
                break
        return dict(tally)

    return turn


@pytest.fixture
def ask_for_lease(tmp_path):
    def ask_for_lease(mac, options="1,3,6", vendor_class="android-dhcp-14"):
        with (tmp_path / lease_spool.NAME).open("a") as spool:
            spool.write(f"{mac.text()} {options} {vendor_class}\0")

    return ask_for_lease


def test_two_addresses_at_once_are_challenged(phone, table, turn, gate):
    phone.go_online()
    table.add(phone.mac, "192.168.50.10", 0)
    table.add(phone.mac, "192.168.50.11", 10)

    assert turn(8) == {Outcome.CHALLENGED: 1}
    assert gate.inside == {}
    assert phone.get("/").location == "/challenge"


def test_another_look_is_challenged_at_the_next_turn(phone, ask_for_lease, turn, gate):
    ask_for_lease(phone.mac)
    assert turn() == {}
    phone.go_online()
    ask_for_lease(phone.mac, options="1,28,2")

    assert turn() == {Outcome.CHALLENGED: 1}
    assert gate.inside == {}


def test_a_store_of_honest_phones_is_left_alone(join, table, ask_for_lease, turn, gate):
    for number in range(2, 7):
        phone = join(f"127.0.0.{number}")
        phone.go_online(f"1380013800{number}")
        table.add(phone.mac, f"192.168.50.{number}", number)
        ask_for_lease(phone.mac)
    turn(20)
    for number in range(2, 7):
        ask_for_lease(join(f"127.0.0.{number}").mac)

    assert turn(20) == {}
    assert len(gate.inside) == 5


def test_the_shopper_goes_on_and_is_left_alone_once_the_other_is_gone(
    phone, clock, ask_for_lease, turn, gate
):
    ask_for_lease(phone.mac)
    turn()
    phone.go_online()
    ask_for_lease(phone.mac, options="1,28,2")
    turn()
    clock.pass_by(minutes=2)
    phone.post("/challenge")
    phone.enter_code()

    for _ in range(3):
        ask_for_lease(phone.mac)
        assert turn(4) == {}
    assert set(gate.inside) == {phone.mac.text()}


def test_who_rides_on_is_noticed_again_until_the_grant_ends(
    phone, clock, ask_for_lease, turn, rows
):
    phone.go_online()
    outcomes = []
    for _ in range(4):
        ask_for_lease(phone.mac)
        turn()
        ask_for_lease(phone.mac, options="1,28,2")
        outcomes += turn()
        clock.pass_by(minutes=21)
        if phone.post("/challenge").location == "/code":
            phone.enter_code()

    assert outcomes == [Outcome.CHALLENGED] * 3 + [Outcome.ENDED]
    assert rows(Grant)[0].ended_at is not None


def test_a_gate_that_does_not_answer_is_asked_again_at_the_next_turn(
    phone, ask_for_lease, turn, gate
):
    phone.go_online()
    ask_for_lease(phone.mac)
    ask_for_lease(phone.mac, options="1,28,2")
    gate.error = GateUnavailableError("no answer from the gate")
    with pytest.raises(GateUnavailableError):
        turn()
    gate.error = None

    assert turn() == {Outcome.CHALLENGED: 1}


def test_a_phone_that_is_not_online_is_nobodys_business(join, ask_for_lease, turn, gate):
    phone, other = join("127.0.0.1"), join("127.0.0.2")
    other.go_online(OTHER_NUMBER)
    ask_for_lease(phone.mac)
    ask_for_lease(phone.mac, options="1,28,2")

    assert turn() == {Outcome.NOTHING: 1}
    assert set(gate.inside) == {other.mac.text()}
