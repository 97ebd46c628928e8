"""Where guests are, as a console tells it of them."""

import pytest

from gate.shape import GateFailedError, Limits, Witness
from gate.whereabouts import NOWHERE, Whereabouts
from tests.fakes.unifi import ACCESS_POINT
from tests.gear.conftest import ALICE, AT, BERT, OTHER

STAFF, NOBODY_THERE = "02:00:00:00:00:0c", "02:00:00:00:00:0d"


def let_in(gate, *macs):
    for mac in macs:
        gate.admit(mac, 3600, Limits())
    gate.read()


def test_it_is_a_witness(gate):
    assert isinstance(gate, Witness)


def test_guests_that_may_pass_are_where_the_console_shows_them_and_nobody_else_is(gate, console):
    console.connect(ALICE, AT, ipv6=["fe80::1", "2001:DB8::7"])
    console.connect(BERT, OTHER)
    console.connect(STAFF, "192.168.1.25", is_guest=False)
    let_in(gate, ALICE, STAFF, NOBODY_THERE)

    assert gate.whereabouts() == {ALICE: Whereabouts((AT, "2001:db8::7"), ACCESS_POINT)}

    gate.revoke(ALICE)
    assert gate.whereabouts() == {}


def test_a_guest_that_moves_is_at_its_new_access_point(gate, console):
    console.connect(ALICE, AT)
    let_in(gate, ALICE)
    console.connect(ALICE, AT, access_point="F0-9F-C2-00-00-02")
    gate.read()

    assert gate.whereabouts() == {ALICE: Whereabouts((AT,), "f0:9f:c2:00:00:02")}


@pytest.mark.parametrize("nonsense", ["", None, 7, "AP-3", {"mac": ACCESS_POINT}])
def test_nonsense_of_a_console_is_dropped_and_the_rest_taken(gate, console, nonsense):
    console.connect(ALICE, nonsense, ipv6=[nonsense], access_point=nonsense)
    console.connect(BERT, OTHER, access_point=nonsense)
    let_in(gate, ALICE, BERT)

    assert gate.whereabouts() == {ALICE: NOWHERE, BERT: Whereabouts((OTHER,))}


def test_a_console_that_has_told_nothing_yet_does_not_mean_that_nobody_is_there(gate_of, console):
    with pytest.raises(GateFailedError, match="lately"):
        gate_of(console).whereabouts()
