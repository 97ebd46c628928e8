"""Whom the gate stops, when reports and orders cross on their way."""

import pytest

from gate.shape import Counters, Limits
from tests.gear.radius.test_driver import ALICE, AT, store, store_of

__all__ = ["store", "store_of"]

PORTAL, ONLINE = ("0x" + label.hex() for label in (b"doorman-portal", b"doorman-online-1"))


def test_a_phone_that_is_back_before_the_gateway_has_confirmed_is_known_to_pass(store):
    def back():
        store.orders.meanwhile = lambda: None
        store.now += 1
        store.ask(ALICE, session="s2")

    store.ask(ALICE, session="s1")
    store.orders.meanwhile = back

    store.gate.admit(ALICE, 3600, Limits())

    assert store.memory.place(ALICE, "ac1").is_open


@pytest.mark.parametrize("has_clock", [True, False])
def test_a_late_report_of_an_earlier_session_does_not_hide_the_one_that_runs(store, has_clock):
    clock = {} if has_clock else {"Tmp_Integer_0": [0]}
    store.ask(ALICE, session="s1")
    store.tell(ALICE, "Start", session="s1", Class=PORTAL, **clock)
    store.gate.admit(ALICE, 3600, Limits())
    store.ask(ALICE, session="s2")
    store.moment += 100
    store.tell(ALICE, "Start", session="s2", Class=ONLINE, **clock)
    store.moment -= 60

    store.tell(ALICE, "Interim-Update", 5, session="s1", Class=PORTAL, **clock)

    place = store.memory.place(ALICE, "ac1")
    assert (place.phone.session, place.is_open) == ("s2", True)


def test_whoever_may_pass_is_stopped_wherever_it_is(store):
    """Though no gateway has asked about it since it may."""
    store.ask(ALICE)
    store.gate.admit(ALICE, 3600, Limits())
    store.orders.given.clear()

    store.gate.revoke(ALICE)

    assert [given[0] for given in store.orders.given] == ["disconnect"]


def test_a_question_without_a_session_leaves_the_one_that_runs(store):
    store.gate.admit(ALICE, 3600, Limits())
    store.ask(ALICE, AT)
    store.tell(ALICE, "Start", Class=ONLINE)
    keys = store.memory.place(ALICE, "ac1").phone.keys

    store.ask(ALICE, session="")

    phone = store.memory.place(ALICE, "ac1").phone
    assert (phone.session, phone.keys["Acct-Session-Id"]) == ("s1", keys["Acct-Session-Id"])
    store.tell(ALICE, "Stop", Class=ONLINE)
    assert store.gate.phone_at(AT) is None


@pytest.mark.parametrize("has_left", [True, False])
def test_a_guest_is_not_charged_for_the_staffs_network(store, has_left):
    store.gate.admit(ALICE, 3600, Limits(bytes=1000))
    store.ask(ALICE, AT)
    store.tell(ALICE, "Start", 0, 0, Class=ONLINE)
    if has_left:
        store.tell(ALICE, "Stop", 10, 0, Class=ONLINE)

    store.tell(ALICE, "Start", session="staff", Framed_IP_Address="172.16.0.5")
    store.tell(ALICE, "Interim-Update", 0, 5000, session="staff", Framed_IP_Address="172.16.0.5")

    assert store.gate.counters().get(ALICE, Counters(0, 0)).bytes_down == 0
    assert store.gate.phone_at("172.16.0.5") is None
    assert store.memory.place(ALICE, "ac1").phone.session == "s1"


def test_a_gateway_that_refuses_to_stop_a_phone_is_asked_ever_less_often(store):
    store.gate.admit(ALICE, 10, Limits())
    store.ask(ALICE)
    store.now += 20
    store.orders.fails = True

    for _ in range(31):
        store.gate.stop_strangers()
        store.now += 2

    # At once, and after 2, 6, 14, 30 and 62 seconds.
    assert store.orders.tries == 5
    store.orders.fails = False
    store.gate.stop_strangers()
    assert [given[0] for given in store.orders.given] == ["disconnect"]
