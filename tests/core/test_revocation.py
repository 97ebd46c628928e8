import datetime as dt
import threading

import pytest

from core import revocation
from core.mac import Mac
from core.models.grant import EndCause, Grant
from tests import running_grant

ALICE = Mac.parse("02:00:00:00:00:0a")
BOB = Mac.parse("02:00:00:00:00:0b")


class FakeGate:
    def __init__(self):
        self.revoked = []
        self.error = None
        self.while_asked = lambda: None

    def revoke(self, mac):
        if self.error:
            raise self.error
        self.while_asked()
        self.revoked.append(mac)


@pytest.fixture
def gate():
    return FakeGate()


@pytest.fixture
def let_in(any_database, sealer, now):
    """Gives a phone a grant of four hours, less what has passed; the number of its row."""
    return lambda mac, passed=dt.timedelta(0): running_grant.give(
        any_database, sealer, mac, now - passed
    )


@pytest.fixture
def end_of(any_database):
    """When and why a grant ended."""

    def read(grant_id):
        with any_database.reading() as session:
            grant = session.get(Grant, grant_id)
            return grant.ended_at, grant.end_cause

    return read


@pytest.fixture
def revoke(any_database, sealer, gate, now):
    return lambda mac: revocation.revoke(
        any_database, sealer, gate, mac, cause=EndCause.REVOKED, now=now
    )


def test_stops_the_phone_and_ends_its_grant_and_no_other(let_in, revoke, gate, end_of, now):
    alice, bob = let_in(ALICE), let_in(BOB)

    assert revoke(ALICE)
    assert gate.revoked == [ALICE.text()]
    assert end_of(alice) == (now, EndCause.REVOKED)
    assert end_of(bob) == (None, None)


def test_changes_nothing_on_disk_if_the_gate_fails(let_in, revoke, gate, end_of):
    alice = let_in(ALICE)
    gate.error = RuntimeError("no answer")

    with pytest.raises(RuntimeError):
        revoke(ALICE)
    assert end_of(alice) == (None, None)


def test_a_grant_that_has_run_out_is_left_as_it_was(let_in, revoke, gate, end_of):
    alice = let_in(ALICE, passed=dt.timedelta(hours=5))

    assert not revoke(ALICE)
    assert gate.revoked == [ALICE.text()]
    assert end_of(alice) == (None, None)


def test_a_phone_that_nobody_knows_is_stopped_too(revoke, gate):
    assert not revoke(ALICE)
    assert gate.revoked == [ALICE.text()]


def test_nobody_takes_the_grant_for_a_running_one_while_the_gate_is_told(
    any_database, let_in, revoke, gate
):
    alice = let_in(ALICE)
    seen = []

    def look():
        with any_database.writing() as session:
            seen.append(session.get(Grant, alice, with_for_update=True).ended_at)

    looking = threading.Thread(target=look)

    def ask():
        looking.start()
        # It has to wait for us; were it free to look, it would have done so by then.
        looking.join(0.3)

    gate.while_asked = ask
    revoke(ALICE)
    looking.join(10)

    assert None not in seen
    assert len(seen) == 1
