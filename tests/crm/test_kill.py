"""The whole way with real processes that are killed at random moments, both ends of it."""

import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa
import ulid

from core import clock, outbox
from core.database import Database
from core.models.every import metadata
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from core.sealing import Sealer
from tests.crm import sender
from tests.crm.fakes_server import ROOT, FakesServer

EVENTS = 500
MEMBERS = 12
ROUNDS = 14
FAULTS = ["drop_after_commit", "partial", "503", "drop_after_commit", "429", "none"]


class Senders:
    """Two at once, as if a service had been started twice; one of them is always the next."""

    def __init__(self, *arguments):
        self._command = [sys.executable, "-m", "tests.crm.sender", *map(str, arguments)]

    def __enter__(self):
        self._processes = [self._start(), self._start()]
        return self

    def __exit__(self, *_):
        for process in self._processes:
            process.kill()
            process.communicate()

    def kill_one(self, chance):
        victim = self._processes.pop(chance.randrange(2))
        victim.send_signal(signal.SIGKILL)
        victim.communicate()
        self._processes.append(self._start())

    def _start(self):
        process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "ready\n"
        return process


class Members:
    """Enrols members and changes them, one version after the other."""

    def __init__(self, database, chance):
        self._database, self._sealer, self._chance = database, Sealer(sender.FIELD_KEY), chance
        self._versions = {str(ulid.ULID()): 0 for _ in range(MEMBERS)}
        self.added = []

    def change(self, count):
        for _ in range(count):
            member = self._chance.choice(list(self._versions))
            self._versions[member] += 1
            now = clock.now()
            data = {
                "member": member,
                "phone": "+8613800138000",
                "phone_verified_at": now.isoformat(),
                "phone_bound_at": None,
                "email": None,
                "email_verified_at": None,
                "email_bound_at": None,
                "unionid": None,
                "openids": [],
                "language": "zh",
                "enrolled_at": now.isoformat(),
                "consents": ["membership"],
                "store": "store-1",
                "version": self._versions[member],
            }
            with self._database.writing() as session:
                event_id = outbox.add(
                    session,
                    self._sealer,
                    EventType.MEMBER_UPDATED,
                    subject=member,
                    data=data,
                    now=now,
                )
            self.added.append((event_id, member))

    def newest(self):
        return {member: version for member, version in self._versions.items() if version}


@pytest.fixture
def outbox_database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    yield database
    database.dispose()


def waiting(database):
    query = sa.select(sa.func.count()).where(OutboxEvent.state == OutboxState.WAITING)
    with database.reading() as session:
        return session.scalars(query).one()


def received(folder):
    connection = sqlite3.connect(folder / "fakes.sqlite")
    try:
        return connection.execute("SELECT id, subject FROM events ORDER BY number").fetchall()
    finally:
        connection.close()


def by_subject(events):
    found = {}
    for event_id, subject in events:
        found.setdefault(subject, []).append(event_id)
    return found


@pytest.mark.slow
def test_whatever_is_killed_whenever_the_crm_gets_each_event_once_and_in_order(
    outbox_database, tmp_path
):
    chance = random.Random(20260516)
    members = Members(outbox_database, chance)
    fakes = FakesServer(tmp_path / "fakes", sender.CRM_KEY)
    where = (outbox_database.engine.url, tmp_path, f"{fakes.url}/crm/events")
    with fakes, Senders(*where) as senders:
        for number in range(ROUNDS):
            fakes.order_fault(FAULTS[number % len(FAULTS)], count=2)
            for _ in range(5):
                members.change(EVENTS // ROUNDS // 5)
                time.sleep(chance.uniform(0, 0.02))
            senders.kill_one(chance)
            if number % 5 == 4:
                fakes.kill()
                fakes.start()
        members.change(EVENTS - len(members.added))

        end = time.monotonic() + 30
        while waiting(outbox_database) and time.monotonic() < end:
            time.sleep(0.05)
        state = fakes.state()

    assert waiting(outbox_database) == 0
    assert by_subject(received(tmp_path / "fakes")) == by_subject(members.added)
    assert state["events_received"] == EVENTS
    assert state["duplicates"] > 0
    assert {each["member"]: each["version"] for each in state["members"]} == members.newest()
