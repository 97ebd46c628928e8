"""Newer news takes the place of older: also while that is under way to the CRM."""

import datetime as dt
import json

import pytest

from core import outbox
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from crm import delivery
from crm.shape import Answer, Outcome, TemporaryCrmError

WHOLE = [
    EventType.MEMBER_UPDATED,
    EventType.TRAFFIC_HOUR,
    EventType.TRAFFIC_DAY,
    EventType.SENSOR_HEALTH,
    EventType.VISITS_DAY,
]
MINUTE = dt.timedelta(minutes=1)


class Store:
    def __init__(self, database, sealer, settings, now):
        self.database, self.sealer, self.settings, self.now = database, sealer, settings, now
        self.version = 0
        settings.data_dir.mkdir()

    def add(self, kind=EventType.MEMBER_UPDATED, subject="m-1"):
        self.version += 1
        data = {"version": self.version}
        with self.database.writing() as session:
            outbox.add(session, self.sealer, kind, subject=subject, data=data, now=self.now)

    def rows(self):
        with self.database.reading() as session:
            return session.query(OutboxEvent).order_by(OutboxEvent.id).all()

    def waiting(self):
        return [
            (row.type, json.loads(self.sealer.open(outbox.DATA, row.sealed_data))["version"])
            for row in self.rows()
            if row.state is OutboxState.WAITING
        ]

    def deliver(self, crm):
        self.now += 30 * MINUTE
        return delivery.deliver(self.database, self.sealer, crm, self.settings, lambda: self.now)


class Crm:
    """Keeps the newest version; in mid-request something may happen at the store."""

    takes = frozenset(EventType)
    at_once = 1

    def __init__(self, meanwhile=None, error=None):
        self.meanwhile, self.error = meanwhile, error
        self.versions = []

    def send(self, batch):
        self.versions += [event.data["version"] for event in batch]
        if self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        if self.error:
            error, self.error = self.error, None
            raise error
        return {event.id: Answer(Outcome.ACCEPTED) for event in batch}


@pytest.fixture
def store(any_database, sealer, settings, now):
    return Store(any_database, sealer, settings, now)


@pytest.mark.parametrize("kind", WHOLE)
def test_of_what_waits_the_newest_is_left(database, sealer, settings, now, kind):
    store = Store(database, sealer, settings, now)
    for _ in range(20):
        store.add(kind)
    store.add(kind, subject="another")

    assert [version for _, version in store.waiting()] == [store.version - 1, store.version]


@pytest.mark.parametrize("kind", sorted(set(EventType) - set(WHOLE)))
def test_what_happened_once_is_told_however_much_follows(database, sealer, settings, now, kind):
    store = Store(database, sealer, settings, now)
    store.add(kind)
    store.add(kind)
    store.add()

    assert [version for _, version in store.waiting()] == [1, 2, 3]


def test_who_enrolled_is_told_of_before_what_changed(store):
    store.add(EventType.MEMBER_ENROLLED)
    store.add()
    store.add()

    assert store.waiting() == [(EventType.MEMBER_ENROLLED, 1), (EventType.MEMBER_UPDATED, 3)]


def test_newer_news_while_the_older_is_under_way_is_sent_after_it(store):
    store.add()
    crm = Crm(meanwhile=store.add)
    store.deliver(crm)
    store.deliver(crm)

    assert crm.versions == [1, 2]
    assert [row.state for row in store.rows()] == [OutboxState.SENT], "of the older nothing is left"


def test_newer_news_before_the_sender_looks_is_sent_alone(store):
    store.add()
    store.add()
    crm = Crm()
    store.deliver(crm)

    assert crm.versions == [2]


def test_older_news_that_got_no_answer_is_not_sent_again_after_newer(store):
    store.add()
    crm = Crm(meanwhile=store.add, error=TemporaryCrmError("timed_out"))
    store.deliver(crm)
    assert store.waiting() == [(EventType.MEMBER_UPDATED, 2)]
    store.deliver(crm)

    assert crm.versions == [1, 2]


def test_a_change_that_fails_leaves_what_waited(store):
    store.add()
    with pytest.raises(RuntimeError), store.database.writing() as session:
        kind = EventType.MEMBER_UPDATED
        outbox.add(session, store.sealer, kind, subject="m-1", data={}, now=store.now)
        session.flush()
        raise RuntimeError

    assert store.waiting() == [(EventType.MEMBER_UPDATED, 1)]


def test_what_the_sender_is_writing_to_is_left_alone(store):
    """On PostgreSQL alone two write at once: nobody waits for the other."""
    if store.database.engine.name == "sqlite":
        store.add()
        store.add()
        assert len(store.waiting()) == 1
        return
    store.add()
    with store.database.writing() as session:
        session.query(OutboxEvent).update({"attempts": 1})
        store.add()

    assert [version for _, version in store.waiting()] == [1, 2]
