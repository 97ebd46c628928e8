import contextlib
import dataclasses
import datetime as dt
import itertools

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import revocation
from core.mac import Mac
from core.models.counter_reading import CounterReading
from core.models.grant import EndCause, Grant
from gate.client import GateUnavailableError
from portal.access.accounting import Watch
from tests import running_grant

ALICE = Mac.parse("02:00:00:00:00:0a")
BOB = Mac.parse("02:00:00:00:00:0b")
TEN_SECONDS = dt.timedelta(seconds=10)


@dataclasses.dataclass(frozen=True)
class Count:
    bytes_up: int
    bytes_down: int


class CountingGate:
    """Counts as the gate does: on and on, whoever is let in meanwhile."""

    def __init__(self):
        self.counts = {}
        self.revoked = []
        self.down = False
        self.fails_after = None

    def passes(self, mac, up, down):
        before = self.counts.get(mac.text(), Count(0, 0))
        self.counts[mac.text()] = Count(before.bytes_up + up, before.bytes_down + down)

    def counters(self):
        if self.down:
            raise GateUnavailableError("no answer from the gate")
        return dict(self.counts)

    def revoke(self, mac):
        if self.down or self.fails_after == len(self.revoked):
            raise GateUnavailableError("no answer from the gate")
        self.revoked.append(mac)


class Till:
    """A database with phones in it, and a job that has just been started."""

    def __init__(self, database, sealer, gate, now):
        self.database, self.sealer, self.gate, self.now = database, sealer, gate, now
        self.restart_jobs()

    def restart_jobs(self):
        self.watch = Watch()

    def give(self, mac, **measures):
        return running_grant.give(self.database, self.sealer, mac, self.now, **measures)

    def give_all(self, macs):
        with self.database.writing() as session:
            for mac in macs:
                running_grant.add(session, self.sealer, mac, self.now)

    def sums_and_readings(self):
        sums = sa.select(sa.func.sum(Grant.bytes_up), sa.func.sum(Grant.bytes_down))
        readings = sa.select(sa.func.count()).select_from(CounterReading)
        with self.database.reading() as session:
            return *session.execute(sums).one(), session.scalar(readings)

    def turn(self, **after):
        self.now += dt.timedelta(**after) if after else TEN_SECONDS
        return self.watch.turn(self.database, self.sealer, self.gate, self.now)

    def grant(self, grant_id):
        with self.database.reading() as session:
            return session.get(Grant, grant_id)

    def again(self, grant_id, **measures):
        """Another grant for the same phone and login, from now."""
        earlier = self.grant(grant_id)
        with self.database.writing() as session:
            grant = Grant(
                device_id=earlier.device_id,
                login_id=earlier.login_id,
                started_at=self.now,
                expires_at=self.now + dt.timedelta(hours=4),
                **measures,
            )
            session.add(grant)
            session.flush()
            return grant.id

    def used(self, grant_id):
        grant = self.grant(grant_id)
        return grant.bytes_up, grant.bytes_down

    def revoke(self, mac):
        revocation.revoke(
            self.database, self.sealer, self.gate, mac, cause=EndCause.REVOKED, now=self.now
        )


@pytest.fixture
def gate():
    return CountingGate()


@pytest.fixture
def till(any_database, sealer, gate, now):
    return Till(any_database, sealer, gate, now)


def test_what_passes_is_charged_to_each_phones_grant(till, gate):
    alice, bob = till.give(ALICE), till.give(BOB)
    gate.passes(ALICE, 100, 2000)
    till.turn()
    first = till.now
    gate.passes(ALICE, 1, 20)
    gate.passes(BOB, 7, 0)
    till.turn()
    till.turn()

    assert till.used(alice) == (101, 2020)
    assert till.used(bob) == (7, 0)
    assert till.grant(bob).last_active_at == first + TEN_SECONDS


def test_more_phones_than_are_looked_up_at_once_are_all_charged(till, gate):
    macs = [Mac(b"\x02\0\0\0" + number.to_bytes(2)) for number in range(502)]
    till.give_all(macs)
    for mac in macs:
        gate.passes(mac, 1, 20)
    till.turn()
    assert till.sums_and_readings() == (502, 502 * 20, 502)

    gate.counts = dict([gate.counts.popitem()])
    till.turn()
    assert till.sums_and_readings() == (502, 502 * 20, 1)


def test_a_restart_of_jobs_charges_nothing_twice_and_loses_nothing(till, gate):
    alice = till.give(ALICE)
    gate.passes(ALICE, 100, 2000)
    till.turn()
    till.restart_jobs()
    gate.passes(ALICE, 1, 20)
    till.turn()

    assert till.used(alice) == (101, 2020)


def test_a_firewall_that_counts_from_nothing_again_is_charged_in_full(till, gate):
    alice = till.give(ALICE)
    gate.passes(ALICE, 100, 2000)
    till.turn()
    gate.counts.clear()
    gate.passes(ALICE, 3, 50)
    till.turn()

    assert till.used(alice) == (103, 2050)


def test_a_phone_that_the_gate_has_forgotten_is_counted_from_nothing(till, gate, any_database):
    alice = till.give(ALICE)
    gate.passes(ALICE, 100, 2000)
    till.turn()
    gate.counts.clear()
    till.turn()
    with any_database.reading() as session:
        assert session.query(CounterReading).all() == []
    gate.passes(ALICE, 100, 2001)
    till.turn()

    assert till.used(alice) == (200, 4001)


def test_a_gate_that_does_not_answer_loses_nothing(till, gate):
    alice = till.give(ALICE)
    gate.passes(ALICE, 100, 2000)
    gate.down = True
    with pytest.raises(GateUnavailableError):
        till.turn()
    gate.down = False
    gate.passes(ALICE, 1, 1)
    till.turn()

    assert till.used(alice) == (101, 2001)


def test_after_a_new_login_the_new_grant_is_charged_and_the_old_one_stays(till, gate):
    old = till.give(ALICE)
    gate.passes(ALICE, 100, 2000)
    till.turn()
    till.revoke(ALICE)
    new = till.again(old)
    gate.passes(ALICE, 1, 20)
    till.turn()

    assert till.used(old) == (100, 2000)
    assert till.used(new) == (1, 20)


def test_what_passed_just_before_the_end_is_still_charged(till, gate):
    alice = till.give(ALICE)
    gate.passes(ALICE, 100, 2000)
    till.turn()
    gate.passes(ALICE, 1, 20)
    till.revoke(ALICE)
    till.turn()

    assert till.used(alice) == (101, 2020)


def test_a_grant_that_was_over_before_the_first_reading_is_charged(till, gate):
    alice = till.give(ALICE)
    gate.passes(ALICE, 1, 20)
    till.revoke(ALICE)
    till.turn()

    assert till.used(alice) == (1, 20)


def test_what_passes_long_after_the_end_is_nobodys(till, gate):
    """With a temporary pass, for example."""
    alice = till.give(ALICE)
    gate.passes(ALICE, 1, 20)
    till.revoke(ALICE)
    till.turn()
    gate.passes(ALICE, 5, 5)
    till.turn()
    gate.counts.clear()
    till.turn(hours=2)
    gate.passes(ALICE, 6, 6)
    till.turn()

    assert till.used(alice) == (1, 20)


def test_a_phone_that_never_asked_for_the_wifi_is_passed_over(till, gate, any_database):
    gate.passes(BOB, 5, 5)
    till.turn()

    with any_database.reading() as session:
        assert session.query(CounterReading).all() == []


def test_a_silent_phone_costs_no_writing(till, gate, any_database):
    till.give(ALICE)
    gate.passes(ALICE, 1, 20)
    till.turn()
    first = till.now
    till.turn()

    with any_database.reading() as session:
        (kept,) = session.query(CounterReading)
    assert kept.read_at == first


def test_used_up_data_end_the_session(till, gate):
    alice, bob = till.give(ALICE, quota_bytes=1000), till.give(BOB, quota_bytes=1001)
    gate.passes(ALICE, 400, 600)
    gate.passes(BOB, 400, 600)

    assert till.turn() == {EndCause.QUOTA: 1}
    assert gate.revoked == [ALICE.text()]
    assert till.grant(alice).end_cause is EndCause.QUOTA
    assert till.grant(bob).end_cause is None


def test_silence_ends_a_session_that_has_an_idle_time_out(till, gate):
    alice, bob = till.give(ALICE, idle_timeout_s=600), till.give(BOB)
    gate.passes(ALICE, 1, 1)
    till.turn()
    till.turn(seconds=590)
    assert gate.revoked == []

    assert till.turn() == {EndCause.IDLE: 1}
    assert gate.revoked == [ALICE.text()]
    assert till.grant(alice).end_cause is EndCause.IDLE
    assert till.grant(bob).end_cause is None


def test_a_phone_that_sends_now_and_then_is_not_idle(till, gate):
    till.give(ALICE, idle_timeout_s=600)
    for _ in range(5):
        till.turn(seconds=590)
        gate.passes(ALICE, 1, 0)
        till.turn()

    assert gate.revoked == []


@pytest.mark.parametrize("gap", ["jobs restarted", "gate silent"])
def test_while_nobody_listened_nobody_was_silent(till, gate, gap):
    till.give(ALICE, idle_timeout_s=600)
    gate.passes(ALICE, 1, 1)
    till.turn()
    if gap == "jobs restarted":
        till.restart_jobs()
    else:
        gate.down = True
        with pytest.raises(GateUnavailableError):
            till.turn()
        gate.down = False
    till.turn(hours=1)
    assert gate.revoked == []

    till.turn(seconds=600)
    assert gate.revoked == [ALICE.text()]


def test_a_session_whose_time_is_up_is_closed_as_of_then(till, gate):
    alice = till.give(ALICE)
    ends_at = till.grant(alice).expires_at

    assert till.turn(hours=4) == {EndCause.EXPIRED: 1}
    assert till.turn() == {}
    grant = till.grant(alice)
    assert (grant.ended_at, grant.end_cause) == (ends_at, EndCause.EXPIRED)
    assert gate.revoked == []


def test_a_gate_that_fails_in_the_middle_is_asked_again_for_the_rest(till, gate):
    grants = [till.give(mac, quota_bytes=1) for mac in (ALICE, BOB)]
    for mac in (ALICE, BOB):
        gate.passes(mac, 1, 1)
    gate.fails_after = 1
    with pytest.raises(GateUnavailableError):
        till.turn()
    assert sorted(till.grant(each).end_cause or "" for each in grants) == ["", "quota"]

    gate.fails_after = None
    till.turn()
    assert sorted(gate.revoked) == [ALICE.text(), BOB.text()]
    assert [till.used(each) for each in grants] == [(1, 1)] * 2


def test_an_address_that_does_not_open_keeps_no_other_from_ending(till, gate, any_database):
    till.give(ALICE, quota_bytes=1)
    till.give(BOB, quota_bytes=1)
    for mac in (ALICE, BOB):
        gate.passes(mac, 1, 1)
    with any_database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE devices SET sealed_mac = lookup WHERE id = 1")
    till.turn()

    assert gate.revoked == [BOB.text()]


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 5000), st.integers(0, 5000)),
        st.sampled_from(["read", "jobs restart", "log in again", "gate falls silent"]),
    ),
    max_size=12,
)


_NUMBERS = itertools.count(100)


@given(steps=_STEPS)
@settings(
    max_examples=40,
    deadline=None,
    # Each example is about a phone of its own, so what the earlier left does not matter.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_phones_grants_together_are_charged_what_passed(database, sealer, now, steps):
    gate = CountingGate()
    till = Till(database, sealer, gate, now)
    mac = Mac(b"\x02" + next(_NUMBERS).to_bytes(5, "big"))
    first = till.give(mac)
    grants, passed = [first], [(0, 0)]
    for step in [*steps, "read"]:
        gate.down = step == "gate falls silent"
        if isinstance(step, tuple):
            gate.passes(mac, *step)
            passed.append(step)
        elif step == "jobs restart":
            till.restart_jobs()
        elif step == "log in again":
            till.revoke(mac)
            grants.append(till.again(first))
        else:
            with contextlib.suppress(GateUnavailableError):
                till.turn()

    charged = [till.used(grant_id) for grant_id in grants]
    assert [sum(way) for way in zip(*charged, strict=True)] == [
        sum(way) for way in zip(*passed, strict=True)
    ]
