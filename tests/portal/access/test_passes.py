"""Who is given a temporary pass, how often, and what ends it."""

import concurrent.futures
import datetime as dt

import pytest
import sqlalchemy as sa

from core import revocation
from core.mac import Mac
from core.models.device import Device
from core.models.grant import EndCause
from core.models.temporary_pass import PassEnd, PassKind, TemporaryPass
from core.setting_groups.plans import PassSettings
from gate.client import GateUnavailableError, Limits
from portal import devices
from portal.access.passes import PassDesk, kind_for
from tests import running_grant
from tests.portal.sequences.handsets import Android, Iphone

ALICE = Mac.parse("02:00:00:00:00:0a")
BOB = Mac.parse("02:00:00:00:00:0b")
SECOND, MINUTE, HOUR = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1)


class FakeGate:
    def __init__(self):
        self.calls = []
        self.error = None
        self.while_asked = lambda: None

    def give_pass(self, mac, seconds, limits):
        self.while_asked()
        if self.error:
            raise self.error
        self.calls.append(("give_pass", mac, seconds, limits))

    def revoke(self, mac):
        self.calls.append(("revoke", mac))


class Counter:
    """A desk and its database; each asking is a press of the button."""

    def __init__(self, database, sealer, gate, now, **limits):
        settings = PassSettings(**{"per_day": 3} | limits)
        self.desk = PassDesk(settings, database, sealer, gate)
        self.database, self.sealer, self.gate, self.now = database, sealer, gate, now

    def ask(self, mac=ALICE, kind=PassKind.IOS):
        """Whether the phone has a pass now."""
        taken = self.desk.take(mac, kind, self.now)
        if taken is not None:
            self.desk.open(mac, taken, self.now)
        return taken is not None

    def left(self, mac=ALICE):
        with self.database.reading() as session:
            device = devices.find(session, self.sealer, mac)
        return self.desk.offer(device, self.now).left

    def rows(self):
        with self.database.reading() as session:
            return session.scalars(sa.select(TemporaryPass).order_by(TemporaryPass.id)).all()

    def revoke(self, mac=ALICE, cause=EndCause.REVOKED):
        return revocation.revoke(
            self.database, self.sealer, self.gate, mac, cause=cause, now=self.now
        )


@pytest.fixture
def gate():
    return FakeGate()


@pytest.fixture
def counter(any_database, sealer, gate, now):
    return Counter(any_database, sealer, gate, now)


def test_a_pass_is_written_down_and_opened_with_its_limits(counter, gate, now):
    assert counter.ask()

    (row,) = counter.rows()
    assert (row.kind, row.started_at, row.expires_at) == (PassKind.IOS, now, now + 2 * MINUTE)
    assert (row.opened_at, row.ended_at, row.end_cause) == (now, None, None)
    limits = Limits(down_kbit_s=2000, up_kbit_s=2000, bytes=20_000_000)
    assert gate.calls == [("give_pass", ALICE.text(), 120, limits)]


def test_it_is_on_disk_before_the_gate_hears_of_it(counter, gate):
    seen = []
    taken = counter.desk.take(ALICE, PassKind.IOS, counter.now)
    gate.while_asked = lambda: seen.append(taken.id in {row.id for row in counter.rows()})
    counter.desk.open(ALICE, taken, counter.now)

    assert seen == [True]


def test_so_many_in_24_hours_and_no_more(counter, gate, now):
    for each in range(3):
        assert counter.left() == 3 - each
        assert counter.ask()
        counter.now += HOUR
    assert counter.left() == 0
    assert not counter.ask()
    assert len(gate.calls) == 3

    counter.now = now + 24 * HOUR - SECOND
    assert not counter.ask()
    counter.now = now + 24 * HOUR
    assert counter.ask()
    assert not counter.left()


def test_each_address_is_counted_alone_for_another_address_is_another_phone(counter):
    for _ in range(3):
        counter.ask()
        counter.now += HOUR

    assert (counter.left(ALICE), counter.left(BOB)) == (0, 3)
    assert counter.ask(BOB)
    assert (counter.left(ALICE), counter.left(BOB)) == (0, 2)


def test_a_pass_is_not_made_longer_by_asking_again(counter, gate, now):
    counter.ask()
    for _ in range(5):
        counter.now += 20 * SECOND
        assert counter.ask(kind=PassKind.ANDROID)

    (row,) = counter.rows()
    assert (row.kind, row.expires_at) == (PassKind.IOS, now + 2 * MINUTE)
    assert len(gate.calls) == 1, "another would begin another quota"
    assert counter.left() == 2


def test_two_tabs_at_once_get_one_pass(counter, gate):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(counter.ask) for _ in range(8)]
        assert all(each.result() for each in asked)

    assert len(counter.rows()) == len(gate.calls) == 1


def test_no_pass_for_a_phone_that_has_a_grant(counter, gate, now):
    running_grant.give(counter.database, counter.sealer, ALICE, now)

    assert not counter.ask()
    assert counter.rows() == gate.calls == []

    counter.now += running_grant.LASTS
    assert counter.ask()


def test_no_pass_where_none_is_given(any_database, sealer, gate, now):
    counter = Counter(any_database, sealer, gate, now, per_day=0)

    assert not counter.ask()
    assert counter.desk.offer(None, now) is None
    with any_database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Device)) == 0


def test_a_gate_that_is_down_leaves_a_pass_that_costs_nothing_to_try_again(counter, gate, now):
    gate.error = GateUnavailableError("no answer from the gate")
    with pytest.raises(GateUnavailableError):
        counter.ask()
    assert not counter.desk.vouches_for(ALICE, counter.now)
    assert counter.left() == 3

    gate.error = None
    counter.now += 30 * SECOND
    assert counter.ask()
    assert counter.left() == 2
    (row,) = counter.rows()
    assert (row.opened_at, row.expires_at) == (now + 30 * SECOND, now + 2 * MINUTE)
    assert gate.calls[0][2] == 90


def test_a_pass_that_the_gate_never_opened_is_counted_once_its_time_is_over(counter, gate):
    """It may have opened all the same, and its answer been lost."""
    gate.error = GateUnavailableError("no answer from the gate")
    with pytest.raises(GateUnavailableError):
        counter.ask()
    counter.now += 2 * MINUTE

    assert counter.left() == 2


def test_a_pass_that_is_cut_is_over_and_is_not_given_back(counter, gate):
    counter.ask()
    counter.now += 20 * SECOND

    assert counter.revoke()
    (row,) = counter.rows()
    assert (row.ended_at, row.end_cause) == (counter.now, PassEnd.REVOKED)
    assert gate.calls[-1] == ("revoke", ALICE.text())
    assert not counter.desk.vouches_for(ALICE, counter.now)
    assert counter.left() == 2
    assert not counter.revoke(), "there was nothing left to cut"


def test_a_cut_ends_nobody_elses_pass_and_no_earlier_one(counter):
    counter.ask()
    counter.now += HOUR
    counter.ask()
    counter.ask(BOB)
    counter.revoke()

    assert [row.end_cause for row in counter.rows()] == [None, PassEnd.REVOKED, None]


def test_a_cut_that_comes_while_the_gate_is_told_is_what_the_gate_hears_last(counter, gate):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        cutting = []

        def cut():
            cutting.append(pool.submit(counter.revoke))
            # As long as the gate is told the cut has to wait: this is what time it has to
            # overtake, and not what the test waits for.
            concurrent.futures.wait(cutting, timeout=0.3)

        gate.while_asked = cut
        counter.ask()
        assert cutting[0].result()

    assert [call[0] for call in gate.calls] == ["give_pass", "revoke"]
    assert counter.rows()[0].end_cause is PassEnd.REVOKED


def test_a_pass_that_is_cut_before_it_opened_does_not_open(counter, gate):
    taken = counter.desk.take(ALICE, PassKind.IOS, counter.now)
    counter.revoke()

    assert not counter.desk.open(ALICE, taken, counter.now)
    assert gate.calls == [("revoke", ALICE.text())]


def test_a_pass_whose_time_is_over_does_not_open(counter, gate):
    taken = counter.desk.take(ALICE, PassKind.IOS, counter.now)

    assert not counter.desk.open(ALICE, taken, counter.now + 2 * MINUTE)
    assert gate.calls == []


@pytest.mark.parametrize(
    ("kind", "after", "vouched"),
    [
        pytest.param(PassKind.IOS, 0 * SECOND, True, id="an iPhone's, at once"),
        pytest.param(PassKind.IOS, 119 * SECOND, True, id="to its last second"),
        pytest.param(PassKind.IOS, 120 * SECOND, False, id="not when it is over"),
        pytest.param(PassKind.ANDROID, 0 * SECOND, False, id="no other phone's"),
    ],
)
def test_apples_probe_succeeds_while_an_iphones_pass_is_open(counter, kind, after, vouched):
    assert not counter.desk.vouches_for(ALICE, counter.now)
    counter.ask(kind=kind)
    counter.ask(BOB, PassKind.ANDROID)

    assert counter.desk.vouches_for(ALICE, counter.now + after) is vouched
    assert not counter.desk.vouches_for(BOB, counter.now + after)


def test_only_what_the_gate_has_opened_is_vouched_for(counter):
    counter.desk.take(ALICE, PassKind.IOS, counter.now)

    assert not counter.desk.vouches_for(ALICE, counter.now)


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        pytest.param(Iphone.agent, PassKind.IOS, id="the sheet of an iPhone"),
        pytest.param("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) x", PassKind.IOS, id="iPad"),
        pytest.param("Mozilla/5.0 (iPod touch; CPU iPhone OS 12_0) x", PassKind.IOS, id="iPod"),
        pytest.param(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) x", PassKind.IOS, id="Mac, or iPad"
        ),
        pytest.param(Android.agent, PassKind.ANDROID, id="the page of an Android"),
        pytest.param(
            "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1) like iPhone OS 7_0_3 Mac OS X",
            PassKind.ANDROID,
            id="one that says it is like an iPhone",
        ),
        pytest.param(
            "Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN01) x",
            PassKind.ANDROID,
            id="HarmonyOS",
        ),
        pytest.param("Mozilla/5.0 (Windows NT 10.0; Win64; x64) x", PassKind.ANDROID, id="Windows"),
        pytest.param("iPhone", PassKind.ANDROID, id="no browser"),
        pytest.param("", PassKind.ANDROID, id="nothing said"),
    ],
)
def test_the_kind_is_told_by_the_user_agent_and_who_is_unknown_stays_captive(agent, kind):
    assert kind_for(agent) is kind
