"""The whole way with real processes that are killed at random moments, both ends of it.

The line between them cuts, doubles and shuffles; disks fill up and clocks jump. The plan of
faults comes from a number: DOORMAN_FAULT_SEED=… tries another, or the one that failed.
"""

import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.database import Database
from core.models.every import metadata
from core.models.outbox_event import OutboxEvent, OutboxState
from tests.crm import sender
from tests.crm.fakes_server import ROOT, FakesServer
from tests.crm.rough_line import RoughLine
from tests.crm.shop import Shop

SEED = int(os.environ.get("DOORMAN_FAULT_SEED", "20260516"))
EVENTS = 2400
ROUNDS = 10
ANSWERS = ["drop_after_commit", "partial", "503", "429", "none"]
HOUR_S = 3600
JUMPS_S = [-25 * HOUR_S, -3 * HOUR_S, -90, 0, 90, 3 * HOUR_S, 25 * HOUR_S]


class Senders:
    """Two at once, as if a service had been started twice; one of them is always the next."""

    def __init__(self, data_dir, *arguments):
        self._clock = Path(data_dir, "clock")
        self._command = [sys.executable, "-m", "tests.crm.sender", *map(str, arguments)]

    def __enter__(self):
        self.set_clock(0)
        self._processes = [self._start(), self._start()]
        return self

    def __exit__(self, *_):
        for process in self._processes:
            process.kill()
            process.communicate()

    @property
    def pids(self):
        return [process.pid for process in self._processes]

    def set_clock(self, wrong_by_s):
        # Put in place whole, for a sender may be reading it.
        new = self._clock.with_suffix(".new")
        new.write_text(str(wrong_by_s), "utf-8")
        new.replace(self._clock)

    def kill_one(self, chance):
        victim = self._processes.pop(chance.randrange(2))
        victim.send_signal(signal.SIGKILL)
        victim.communicate()
        self._processes.append(self._start())

    def _start(self):
        process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "ready\n"
        return process


def set_disk_full(pids, *, full):
    """As on a full disk, no file of these processes grows any more; without one to fill."""
    for pid in pids:
        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0 if full else most, most))


@pytest.fixture
def outbox_database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    yield database
    database.dispose()


def in_state(database, state):
    query = sa.select(OutboxEvent.event_id).where(OutboxEvent.state == state)
    with database.reading() as session:
        return set(session.scalars(query))


def read(folder, query):
    connection = sqlite3.connect(folder / "fakes.sqlite")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def by_subject(events):
    found = {}
    for event_id, subject in events:
        found.setdefault(subject, []).append(event_id)
    return found


def disturb(chance, fakes, senders):
    """One round of faults, chosen by chance; what lasts is put right by the next."""
    senders.set_clock(chance.choice(JUMPS_S))
    set_disk_full(senders.pids, full=chance.random() < 0.15)
    set_disk_full(fakes.pids(), full=chance.random() < 0.15)
    if chance.random() < 0.6:
        senders.kill_one(chance)
    if chance.random() < 0.2:
        fakes.kill()
        fakes.start()
        fakes.order_fault(chance.choice(ANSWERS), count=2)


@pytest.mark.slow
def test_whatever_fails_whenever_the_crm_comes_to_hold_what_the_store_does(
    outbox_database, tmp_path
):
    chance = random.Random(SEED)
    shop = Shop(outbox_database, sender.FIELD_KEY, chance)
    fakes = FakesServer(tmp_path / "fakes", sender.CRM_KEY)
    line = RoughLine(f"{fakes.url}/crm/events", SEED)
    senders = Senders(tmp_path, outbox_database.engine.url, tmp_path, line.url)
    with fakes, line, senders:
        for _ in range(ROUNDS):
            disturb(chance, fakes, senders)
            for _ in range(5):
                shop.work(EVENTS // ROUNDS // 5)
                time.sleep(chance.uniform(0, 0.04))
        line.is_rough = False
        senders.set_clock(0)
        set_disk_full([*senders.pids, *fakes.pids()], full=False)

        end = time.monotonic() + 180
        while in_state(outbox_database, OutboxState.WAITING) and time.monotonic() < end:
            time.sleep(0.05)

    folder, seed = tmp_path / "fakes", f"DOORMAN_FAULT_SEED={SEED}"
    received = read(folder, "SELECT id, subject FROM events ORDER BY number")
    order = {event_id: place for place, (event_id, _) in enumerate(shop.queued)}
    assert in_state(outbox_database, OutboxState.WAITING) == set(), seed
    assert in_state(outbox_database, OutboxState.PARKED) == set(), seed
    # Nothing is lost, nothing doubled, nothing that was never queued.
    sent = in_state(outbox_database, OutboxState.SENT)
    assert sent <= {each for each, _ in received}, seed
    assert len(received) == len({event_id for event_id, _ in received}), seed
    assert {event_id for event_id, _ in received} <= order.keys(), seed
    # What newer news took the place of, while a request with it was cut, may come after that.
    for subject, ids in by_subject(each for each in received if each[0] in sent).items():
        assert ids == sorted(ids, key=order.__getitem__), f"{subject} {seed}"
    # And so what the CRM holds is what the store does.
    members = {
        member: json.loads(data) for member, data in read(folder, "SELECT id, data FROM members")
    }
    assert members == shop.members, seed
    days = {
        day: json.loads(data)["probe_requests"]
        for day, data in read(folder, "SELECT day, data FROM days")
    }
    assert days == {day: data["probe_requests"] for day, data in shop.days.items()}, seed
    assert dict(read(folder, "SELECT name, at FROM sensors")) == shop.health_told_at, seed
    assert read(folder, "SELECT count FROM duplicates") > [(0,)], seed
