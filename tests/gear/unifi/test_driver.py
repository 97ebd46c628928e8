"""What a store's portal and jobs ask, and what the console then does."""

import logging
import time

import pytest

from gate.shape import Counters, GateFailedError, Limits, Redirected
from gear.unifi import driver
from tests.fakes.crm.server import Reply
from tests.gear.conftest import ALICE, AT, BERT, OTHER

NO_LIMITS = Limits()


def redirected(console, mac=ALICE, address=AT):
    path, _, query = console.redirect(mac).partition("?")
    return Redirected(path, query, address)


def test_lets_a_phone_in_and_stops_it(any_console, gate_of):
    gate = gate_of(any_console)
    gate.read()
    gate.admit(ALICE, 14_400, NO_LIMITS)

    assert any_console.is_open(ALICE)
    assert 14_395 <= gate.find(ALICE).seconds_left <= 14_400

    gate.revoke(ALICE)
    assert not any_console.is_open(ALICE)
    assert gate.find(ALICE) is None


def test_says_the_limits_in_the_consoles_words(gate, console):
    gate.admit(ALICE, 61, Limits(down_kbit_s=8000, up_kbit_s=2000, bytes=500_000_001))

    (order,) = console.asked("cmd/stamgr")
    assert order.json == {
        "cmd": "authorize-guest",
        "mac": ALICE,
        "minutes": 2,
        "down": 8000,
        "up": 2000,
        "bytes": 501,
    }


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        pytest.param(Limits(1, 1, 1), {"down": 2, "up": 2, "bytes": 1}, id="least"),
        pytest.param(Limits(100_000, 100_001), {"down": 100_000}, id="fastest"),
        pytest.param(Limits(bytes=10**15), {"bytes": 1_048_576}, id="most"),
        pytest.param(NO_LIMITS, {}, id="none"),
    ],
)
def test_keeps_to_what_the_console_takes(gate, console, limits, said):
    gate.admit(ALICE, 604_800, limits)

    (order,) = console.asked("cmd/stamgr")
    assert order.json == {"cmd": "authorize-guest", "mac": ALICE, "minutes": 10_080} | said
    assert console.is_open(ALICE)


def test_an_end_that_is_rounded_up_is_no_reason_to_restore(gate, console):
    gate.admit(ALICE, 3601, NO_LIMITS)
    gate.read()

    assert gate.online()[ALICE].seconds_left >= 3601 - 1


def test_stopping_a_phone_that_is_gone_or_was_never_there_does_nothing(gate, console):
    console.connect(ALICE, AT)
    gate.admit(ALICE, 600, NO_LIMITS)
    console.leave(ALICE)
    gate.revoke(ALICE)
    gate.revoke(BERT)

    assert not console.is_open(ALICE)


def test_before_the_first_reading_nothing_is_known(gate_of, console):
    """`Nobody` would have jobs let everybody in anew, with another quota."""
    gate = gate_of(console)
    for ask in (gate.online, gate.counters, lambda: gate.find(ALICE), lambda: gate.phone_at(AT)):
        with pytest.raises(GateFailedError, match="lately"):
            ask()


def test_after_a_restart_of_ours_the_console_knows_who_is_in(gate, gate_of, console):
    console.connect(ALICE, AT)
    gate.admit(ALICE, 3600, NO_LIMITS)
    gate.admit(BERT, 3600, NO_LIMITS)

    ours = gate_of(console)
    ours.read()
    assert ours.online().keys() == {ALICE, BERT}
    assert len(console.asked("cmd/stamgr")) == 2


def test_who_is_in_for_longer_than_the_settings_said_at_start_is_not_forgotten(gate, console):
    gate.admit(ALICE, 86_400, NO_LIMITS)
    console.clock_off_s = 23 * 3600.0
    gate._ends_read_at = float("-inf")
    gate.read()

    assert gate.online().keys() == {ALICE}


def test_a_console_whose_clock_is_wrong_does_not_shorten_anything(gate_of, console):
    console.clock_off_s = -7200.0
    gate = gate_of(console)
    gate.admit(ALICE, 3600, NO_LIMITS)

    ours = gate_of(console)
    ours.read()
    assert 3590 <= ours.online()[ALICE].seconds_left <= 3601


def test_who_was_let_in_before_a_reading_began_is_not_lost_in_it(gate, console, monkeypatch):
    read = gate._console.seconds_left

    def slow(longest_s, until):
        found = read(longest_s, until)
        gate.admit(ALICE, 3600, NO_LIMITS)
        return found

    gate._ends_read_at = float("-inf")
    monkeypatch.setattr(gate, "_console", _Slow(gate._console, slow))
    gate.read()

    assert gate.find(ALICE) is not None


class _Slow:
    def __init__(self, console, seconds_left):
        self._console, self.seconds_left = console, seconds_left

    def __getattr__(self, name):
        return getattr(self._console, name)


def test_counts_what_guests_send_and_get(gate, console):
    console.connect(ALICE, AT)
    console.connect(BERT, OTHER, is_guest=False)
    gate.admit(ALICE, 3600, NO_LIMITS)
    gate.read()
    console.carry(ALICE, up=1000, down=9000)
    console.carry(BERT, up=5, down=5)
    gate.read()

    assert gate.counters() == {ALICE: Counters(1000, 9000)}
    assert gate.find(ALICE).bytes_down == 9000


def test_a_phone_that_goes_and_comes_is_not_counted_twice(gate, console):
    console.connect(ALICE, AT)
    gate.admit(ALICE, 3600, NO_LIMITS)
    gate.read()
    console.carry(ALICE, up=1000, down=9000)
    gate.read()
    was = console.leave(ALICE)
    gate.read()
    console.clients[ALICE] = was
    gate.read()

    assert gate.counters() == {ALICE: Counters(1000, 9000)}


def test_passes_are_beyond_it(gate):
    with pytest.raises(GateFailedError, match="no passes"):
        gate.give_pass(ALICE, 60, NO_LIMITS)


def test_knows_guests_by_their_address(gate, console):
    console.connect(ALICE, AT)
    console.connect(BERT, OTHER, is_guest=False)
    gate.read()

    assert gate.phone_at(AT) == ALICE
    assert gate.phone_at(OTHER) is None
    assert gate.phone_at("192.168.1.99") is None
    assert gate.phone_at("") is None


def test_an_address_that_two_phones_have_is_nobodys(gate, console):
    console.connect(ALICE, AT)
    console.connect(BERT, AT)
    gate.read()

    assert gate.phone_at(AT) is None


def test_believes_a_redirect_that_the_console_confirms(gate, console):
    console.connect(ALICE, AT)
    gate.read()

    assert gate.vouch(redirected(console)) == ALICE


def test_a_phone_that_has_just_joined_is_looked_for_at_once(gate_of, console, monkeypatch):
    monkeypatch.setattr(driver, "_LOOK_AGAIN_S", 0.0)
    gate = gate_of(console)
    gate.read()
    console.connect(ALICE, AT)

    assert gate.vouch(redirected(console)) == ALICE


def test_a_flood_of_redirects_does_not_flood_the_console(gate, console):
    asked = len(console.requests)
    for _ in range(20):
        assert gate.vouch(redirected(console)) is None

    assert len(console.requests) <= asked + 1


@pytest.mark.parametrize(
    ("path", "query", "address"),
    [
        pytest.param("/guest/s/default/", f"id={ALICE}", OTHER, id="from-another-address"),
        pytest.param("/guest/s/default/", f"id={BERT}", AT, id="names-another-phone"),
        pytest.param("/guest/s/other/", f"id={ALICE}", AT, id="another-site"),
        pytest.param("/guest/s/default/x", f"id={ALICE}", AT, id="another-page"),
        pytest.param("/gateway", f"id={ALICE}", AT, id="another-make"),
        pytest.param("/guest/s/default/", "", AT, id="names-nobody"),
        pytest.param("/guest/s/default/", f"id={ALICE}", "", id="from-nowhere"),
        pytest.param("/guest/s/default/", "id=ff:ff:ff:ff:ff:ff", AT, id="everybody"),
        pytest.param("/guest/s/default/", "id=%00", AT, id="no-address"),
    ],
)
def test_a_redirect_that_is_made_up_is_nobodys(gate, console, path, query, address):
    console.connect(ALICE, AT)
    console.connect(BERT, OTHER)
    gate.read()

    assert gate.vouch(Redirected(path, query, address)) is None


def test_an_address_in_capitals_is_the_same_phone(gate, console):
    console.connect(ALICE, AT)
    gate.read()

    query = f"id={ALICE.upper().replace(':', '-')}"
    assert gate.vouch(Redirected("/guest/s/default", query, AT)) == ALICE


def test_behind_nat_only_who_waits_to_be_let_in_is_believed(gate_of, console):
    gate = gate_of(console, behind_nat=True)
    console.connect(ALICE, AT)
    console.connect(BERT, OTHER)
    gate.admit(BERT, 3600, NO_LIMITS)
    gate.read()

    assert gate.vouch(redirected(console, ALICE, address="")) == ALICE
    assert gate.vouch(redirected(console, BERT, address="")) is None


def test_who_is_stopped_by_hand_at_the_console_is_offline_here(gate, console, monkeypatch):
    console.connect(ALICE, AT)
    gate.admit(ALICE, 3600, NO_LIMITS)
    gate.read()
    assert gate.find(ALICE) is not None

    console.authorisations[0].expired = True
    monkeypatch.setattr("gear.unifi.picture._SHOWN_WITHIN_S", 0.0)
    gate.read()
    assert gate.find(ALICE) is None


def test_reads_by_itself_and_says_once_what_keeps_it(settings, settings_of, console, caplog):
    caplog.set_level(logging.INFO, logger="gate")
    console.order(*[Reply(503, {})] * 3)
    unifi = settings_of(console, read_every_s=1).model_copy(update={"read_every_s": 0.01})
    with driver.open_gate(settings.model_copy(update={"unifi": unifi})) as gate:
        deadline = time.monotonic() + 10
        while gate._told or not gate._picture.read_at() > 0:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert gate.online() == {}

    assert [each.getMessage() for each in caplog.records if each.name == "gate"] == [
        "the console was not read",
        "the console answers again",
    ]
