"""What is little is charged later, all at once; what is much, or would end a grant, is not."""

import datetime as dt

import pytest

from core import revocation
from core.models.grant import EndCause, Grant
from portal.access import little_traffic
from portal.access.accounting import Watch
from tests import running_grant
from tests.conftest import NOON
from tests.portal.access.test_accounting import ALICE, CountingGate

TEN_SECONDS = dt.timedelta(seconds=10)
MIB = 1 << 20


class Till:
    def __init__(self, database, sealer):
        self.database, self.sealer, self.gate, self.now = database, sealer, CountingGate(), NOON
        self.watch = Watch(little_traffic.PATIENCE)

    def give(self, **measures):
        self.grant = running_grant.give(self.database, self.sealer, ALICE, self.now, **measures)
        self.turns(1, up=1)

    def end(self):
        self.now += dt.timedelta(seconds=1)
        revocation.revoke(
            self.database, self.sealer, self.gate, ALICE, cause=EndCause.LOGGED_OUT, now=self.now
        )

    def follow(self):
        """Another grant of the same phone, from a little later; its number."""
        self.now += dt.timedelta(seconds=1)
        earlier = self.found
        with self.database.writing() as session:
            grant = Grant(
                device_id=earlier.device_id,
                login_id=earlier.login_id,
                started_at=self.now,
                expires_at=self.now + running_grant.LASTS,
            )
            session.add(grant)
            session.flush()
            return grant.id

    def used(self, grant):
        with self.database.reading() as session:
            return session.get(Grant, grant).bytes_up

    def turns(self, count, *, up=0):
        """As many turns, with so much traffic before each."""
        for _ in range(count):
            self.now += TEN_SECONDS
            if up:
                self.gate.passes(ALICE, up, 0)
            self.watch.turn(self.database, self.sealer, self.gate, self.now)

    @property
    def found(self):
        with self.database.reading() as session:
            return session.get(Grant, self.grant)


@pytest.fixture
def till(database, sealer):
    return Till(database, sealer)


def test_little_traffic_is_charged_once_in_five_minutes_and_none_is_lost(till):
    till.give()

    till.turns(29, up=100)
    assert till.found.bytes_up == 1

    till.turns(1, up=100)
    assert till.found.bytes_up == 3001


def test_much_traffic_is_charged_at_once(till):
    till.give()

    till.turns(1, up=MIB)

    assert till.found.bytes_up == MIB + 1


def test_a_restart_of_the_jobs_meanwhile_loses_nothing(till):
    till.give()
    till.turns(3, up=100)

    till.watch = Watch(little_traffic.PATIENCE)
    till.turns(30)

    assert till.found.bytes_up == 301


def test_what_waits_when_a_grant_ends_is_that_ones(till):
    till.give()
    till.turns(3, up=100)
    till.end()

    till.turns(1)

    assert till.found.bytes_up == 301


def test_what_waits_when_another_grant_follows_at_once_is_not_the_others(till):
    till.give()
    till.turns(3, up=100)
    till.end()
    following = till.follow()

    till.turns(1, up=2 * MIB)

    assert till.found.bytes_up == MIB + 1, "what may have waited"
    assert till.used(following) == MIB + 300


def test_what_comes_without_a_grant_is_not_the_next_ones(till):
    """With a temporary pass."""
    till.give()
    till.end()
    till.turns(5, up=100)
    following = till.follow()

    till.turns(1, up=7)

    assert (till.found.bytes_up, till.used(following)) == (101, 7)


def test_who_sends_a_little_all_the_time_is_not_taken_for_silent(till):
    till.give(idle_timeout_s=60)

    till.turns(30, up=100)

    assert till.found.ended_at is None

    till.turns(8)
    assert till.found.ended_at is not None
