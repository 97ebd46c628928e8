"""Where guests are, as gateways tell it of them."""

import pytest

from gate.shape import Limits
from gate.whereabouts import NOWHERE, Whereabouts
from tests.gear.radius.test_driver import ALICE, AT, BERT, OTHER, store, store_of

__all__ = ["store", "store_of"]

AT_V6 = "2001:db8::7"
POINT, NEXT_POINT = "f0:9f:c2:00:00:01", "f0:9f:c2:00:00:02"


def admit(store, mac):
    store.gate.admit(mac, 3600, Limits())
    store.ask(mac)


def tell(store, mac, kind="Interim-Update", *, at="ac1", session="s1", point=POINT, **others):
    """A report of a phone under its Class, which a gateway returns."""
    admission = store.memory.admission(mac)
    label = {"Class": "0x" + admission.label.encode().hex()} if admission else {}
    called = {"Called_Station_Id": f"{point.upper().replace(':', '-')}:guests"} if point else {}
    store.tell(mac, kind, at=at, session=session, **label, **called, **others)


def test_who_may_pass_is_where_its_gateway_says(store):
    admit(store, ALICE)
    tell(store, ALICE, "Start", Framed_IP_Address=AT, Framed_IPv6_Address=[AT_V6])

    assert store.gate.whereabouts() == {ALICE: Whereabouts((AT, AT_V6), POINT)}


def test_who_may_not_pass_is_not_listed(store):
    store.ask(BERT, OTHER)
    tell(store, BERT, "Start", Framed_IP_Address=OTHER)
    admit(store, ALICE)
    tell(store, ALICE, "Start", Framed_IP_Address=AT)
    assert store.gate.whereabouts().keys() == {ALICE}

    store.gate.revoke(ALICE)
    assert store.gate.whereabouts() == {}


def test_who_has_gone_is_nowhere(store):
    admit(store, ALICE)
    tell(store, ALICE, "Start", Framed_IP_Address=AT)
    tell(store, ALICE, "Stop", Framed_IP_Address=AT)

    assert store.gate.whereabouts() == {}
    assert store.memory.place(ALICE, "ac1").phone.whereabouts == NOWHERE


def test_a_phone_that_moves_is_at_its_new_access_point(store):
    admit(store, ALICE)
    tell(store, ALICE, "Start", Framed_IP_Address=AT)
    tell(store, ALICE, point=NEXT_POINT, Framed_IP_Address=AT)

    assert store.gate.whereabouts() == {ALICE: Whereabouts((AT,), NEXT_POINT)}


def test_what_a_report_leaves_out_holds_as_long_as_an_address_does(store):
    admit(store, ALICE)
    tell(store, ALICE, "Start", Framed_IP_Address=AT)
    tell(store, ALICE, point="")
    assert store.gate.whereabouts() == {ALICE: Whereabouts((AT,), POINT)}

    store.now += 601
    tell(store, ALICE, point="")
    assert store.gate.whereabouts() == {ALICE: NOWHERE}


@pytest.mark.parametrize(("later_s", "is_listed"), [(600, True), (601, False)])
def test_what_a_gateway_said_too_long_ago_is_not_told(store, later_s, is_listed):
    admit(store, ALICE)
    tell(store, ALICE, "Start", Framed_IP_Address=AT)
    store.now += later_s

    assert (ALICE in store.gate.whereabouts()) == is_listed


def test_a_phone_of_two_gateways_is_at_the_access_point_where_it_came_last(store_of):
    store = store_of("standard", "standard")
    admit(store, ALICE)
    tell(store, ALICE, "Start", Framed_IP_Address=AT)
    store.now += 1
    tell(store, ALICE, "Start", at="ac2", session="s2", point=NEXT_POINT, Framed_IP_Address=OTHER)
    tell(store, ALICE, Framed_IP_Address=AT)

    assert store.gate.whereabouts() == {ALICE: Whereabouts((OTHER, AT), NEXT_POINT)}


def test_a_gateway_that_begins_anew_has_said_nothing_yet(store):
    admit(store, ALICE)
    tell(store, ALICE, "Start", Framed_IP_Address=AT)
    tell(store, ALICE, "Accounting-On")

    assert store.gate.whereabouts() == {}
