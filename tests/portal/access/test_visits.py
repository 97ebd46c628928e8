import datetime as dt
import json

import pytest

from core import erasure, outbox
from core.events import contract
from core.mac import Mac
from core.members import consent_news, consents
from core.models.consent import Purpose, Via
from core.models.grant import Grant
from core.models.member import Member
from core.models.member_visit import MemberVisit
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType
from portal.access.visits import GAP, Desk
from tests import running_grant

ALICE = Mac.parse("02:00:00:00:00:0a")
TABLET = Mac.parse("02:00:00:00:00:0b")
MINUTE = dt.timedelta(minutes=1)


class Store:
    """A member who agrees, a clock, and the job that looks every minute."""

    def __init__(self, database, sealer, now):
        self.database, self.sealer, self.now, self.begin = database, sealer, now, now
        with database.writing() as session:
            member = Member(public_id=f"{1:026}", language="zh", enrolled_at=now)
            session.add(member)
            session.flush()
            self.member = member.id
        self.agree(Purpose.MEMBERSHIP)
        self.agree(Purpose.VISIT_ANALYTICS)

    def agree(self, purpose):
        with self.database.writing() as session:
            consents.record(
                session,
                bytes(16),
                purpose,
                member=session.get(Member, self.member),
                wording="w",
                language="zh",
                given_at=self.now,
            )

    def withdraw(self, purpose=Purpose.VISIT_ANALYTICS):
        with self.database.writing() as session:
            member = session.get(Member, self.member)
            ended = consents.withdraw(
                consents.of_member(session, member), purpose, Via.MY_DATA, self.now
            )
            consent_news.withdrawn(
                session, self.sealer, member, ended, store_id="store-1", now=self.now
            )

    def log_in(self, mac=ALICE):
        return running_grant.give(self.database, self.sealer, mac, self.now, member_id=self.member)

    def active(self, grant):
        with self.database.writing() as session:
            session.get(Grant, grant).last_active_at = self.now

    def wait(self, minutes):
        """The job does not stop meanwhile."""
        for step in _steps(minutes):
            self.now += step * MINUTE
            self.look()

    def look(self):
        return Desk(self.sealer, "store-1").turn(self.database, self.now)

    def visits(self):
        """From which to which minute each visit was that the CRM hears of."""
        with self.database.reading() as session:
            rows = session.query(OutboxEvent).filter_by(type=EventType.VISIT_CLOSED.value)
            found = [
                json.loads(self.sealer.open(outbox.DATA, row.sealed_data))
                for row in rows.order_by(OutboxEvent.id)
            ]
        for data in found:
            contract.DATA[EventType.VISIT_CLOSED].model_validate_json(json.dumps(data))
            assert data["dwell_s"] == 60 * (self._minute(data["end"]) - self._minute(data["start"]))
        return [(self._minute(data["start"]), self._minute(data["end"])) for data in found]

    def _minute(self, moment):
        return (dt.datetime.fromisoformat(moment) - self.begin) // MINUTE


@pytest.fixture
def store(database, sealer, now):
    return Store(database, sealer, now)


def _steps(minutes):
    return [min(5, minutes - done) for done in range(0, minutes, 5)]


def stay(store, grant, minutes):
    for step in _steps(minutes):
        store.wait(step)
        store.active(grant)
    store.look()


def test_a_visit_is_told_once_and_once_it_is_over(any_database, sealer, now):
    store = Store(any_database, sealer, now)
    stay(store, store.log_in(), 20)
    store.wait(30)
    assert store.visits() == [], "who is silent for half an hour may be there yet"

    store.wait(90)
    assert store.visits() == [(0, 20)]


def test_who_comes_back_soon_has_never_left_and_who_comes_late_comes_anew(store):
    grant = store.log_in()
    stay(store, grant, 5)
    store.wait(25)
    stay(store, grant, 5)
    store.wait(60)
    stay(store, grant, 2)
    store.wait(40)

    assert store.visits() == [(0, 35), (97, 97)]


def test_a_member_with_two_phones_makes_one_visit(store):
    phone, tablet = store.log_in(), store.log_in(TABLET)
    for _ in range(4):
        stay(store, phone, 10)
        stay(store, tablet, 10)
    store.wait(40)

    assert store.visits() == [(0, 80)]


def test_of_who_does_not_agree_nothing_is_told_or_kept(store):
    store.withdraw()
    stay(store, store.log_in(), 10)
    store.wait(60)

    assert store.visits() == []
    with store.database.reading() as session:
        assert session.query(MemberVisit).count() == 0


@pytest.mark.parametrize("agrees_again", [False, True])
def test_a_visit_in_which_the_consent_was_withdrawn_is_never_told(store, agrees_again):
    grant = store.log_in()
    stay(store, grant, 10)
    store.withdraw()
    if agrees_again:
        store.wait(2)
        store.agree(Purpose.VISIT_ANALYTICS)
        stay(store, grant, 5)
    store.wait(60)

    assert store.visits() == ([(17, 17)] if agrees_again else [])


def test_what_waits_to_be_told_is_forgotten_with_the_consent(store):
    stay(store, store.log_in(), 10)
    store.wait(60)
    assert len(store.visits()) == 1
    store.withdraw(Purpose.MEMBERSHIP)
    assert len(store.visits()) == 1, "it rests on another"

    store.withdraw()
    assert store.visits() == []


def test_what_was_before_the_consent_is_no_part_of_a_visit(store):
    store.withdraw()
    grant = store.log_in()
    stay(store, grant, 10)
    store.agree(Purpose.VISIT_ANALYTICS)
    stay(store, grant, 10)
    store.wait(60)

    assert store.visits() == [(10, 20)]


def test_jobs_that_stood_still_tell_what_they_missed_and_nothing_twice(store):
    grant = store.log_in()
    stay(store, grant, 10)
    store.now += 5 * GAP
    assert [store.look(), store.look()] == [1, 0]
    # Never looked at while it went on.
    store.log_in(TABLET)
    store.now += dt.timedelta(hours=20)
    assert [store.look(), store.look()] == [1, 0]

    assert store.visits() == [(0, 10), (160, 160)]


def test_nothing_of_who_is_erased_is_told(store):
    stay(store, store.log_in(), 10)
    with store.database.writing() as session:
        erasure.erase(session, store.sealer, f"{1:026}", store_id="store-1", now=store.now)
    store.wait(60)

    assert store.visits() == []
    with store.database.reading() as session:
        assert session.query(MemberVisit).count() == 0
