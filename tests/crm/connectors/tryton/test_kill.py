"""Some hundred events on their way to a real Tryton, while both ends are killed at random.

The plan comes from a number: DOORMAN_FAULT_SEED=… tries another, or the one that failed.
"""

import dataclasses
import os
import random
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from core import clock, outbox
from core.database import Database
from core.models.crm_record import CrmRecord
from core.models.every import metadata
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from core.sealing import Sealer
from tests.crm.connectors import news_of
from tests.crm.connectors.tryton import tryton_sender
from tests.crm.connectors.tryton.tryton_server import ROOT
from tests.fakes.crm.server import BREAK_AFTER, BREAK_BEFORE, Reply

SEED = int(os.environ.get("DOORMAN_FAULT_SEED", "20260516"))
MEMBERS, CHANGES = 60, 140
KILLS, KILLS_OF_TRYTON = 3, 1
_LONGEST_S = 120


@dataclasses.dataclass
class Shop:
    """A store that tells of its members, and what the CRM has to hold in the end."""

    database: Database
    chance: random.Random
    members: dict = dataclasses.field(default_factory=dict)
    versions: dict = dataclasses.field(default_factory=dict)
    coupons: dict = dataclasses.field(default_factory=dict)

    def enrol(self):
        member = news_of.new_id()
        self.coupons[member] = 0
        self._tell(news_of.enrolled, member)

    def change(self):
        member = self.chance.choice(sorted(self.members))
        match self.chance.randrange(10):
            case 0:
                self._queue(news_of.erased(member, self._next(member)))
                del self.members[member], self.coupons[member]
            case 1 if len(self.members) > 1:
                other = self.chance.choice(sorted(self.members.keys() - {member}))
                self._queue(news_of.merged(member, self._next(member), other))
                self.coupons[member] += self.coupons.pop(other)
                del self.members[other]
                self._tell(news_of.updated, member)
            case 2 | 3 | 4:
                self.coupons[member] += 1
                code = f"TEA-{self.chance.random()}"
                self._queue(news_of.coupon_issued(member, self._next(member), code=code))
            case _:
                self._tell(news_of.updated, member)

    def _tell(self, say, member):
        number, marketing = news_of.phone(), self.chance.random() < 0.5
        consents = ["membership", "marketing"] if marketing else ["membership"]
        self.members[member] = {"phone": number, "marketing": marketing}
        self._queue(say(member, self._next(member), phone=number, consents=consents))

    def _next(self, member):
        self.versions[member] = self.versions.get(member, 0) + 1
        return self.versions[member]

    def _queue(self, event):
        with self.database.writing() as session:
            outbox.add(
                session,
                Sealer(tryton_sender.FIELD_KEY),
                EventType(event.type),
                subject=event.subject,
                data=event.data,
                now=clock.now(),
            )

    def waiting(self):
        query = sa.select(sa.func.count()).where(OutboxEvent.state == OutboxState.WAITING)
        with self.database.reading() as session:
            return session.scalar(query)

    def states(self):
        with self.database.reading() as session:
            return set(session.scalars(sa.select(OutboxEvent.state)))


@pytest.fixture
def shop(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    yield Shop(database, random.Random(SEED))
    database.dispose()


class Sender:
    def __init__(self, shop, folder, url):
        arguments = [str(shop.database.engine.url), str(folder), url]
        module = tryton_sender.__name__
        self._process = subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT)

    def kill(self):
        self._process.kill()
        self._process.wait()


def until(shop, most, deadline):
    """Wait until no more than so many wait to be sent."""
    while shop.waiting() > most:
        assert time.monotonic() < deadline, f"seed {SEED}: stuck"
        time.sleep(0.05)


def test_whatever_dies_when_tryton_has_the_members_of_the_store_in_the_end(rig, shop, tmp_path):
    deadline = time.monotonic() + _LONGEST_S
    chance = random.Random(SEED)
    for _ in range(MEMBERS):
        shop.enrol()
    for _ in range(CHANGES):
        shop.change()
    faults = [BREAK_BEFORE, BREAK_AFTER, Reply(503), Reply(500, b"<!doctype html>")]
    rig.server.order(*[chance.choice([*faults, *[None] * 60]) for _ in range(1000)])

    everything = shop.waiting()
    for kill in range(KILLS):
        sender = Sender(shop, tmp_path, rig.server.url)
        until(shop, everything * (KILLS - kill) // (KILLS + 1) + chance.randrange(10), deadline)
        if kill < KILLS_OF_TRYTON:
            rig.tryton.kill()
            rig.tryton.start()
        sender.kill()
        if kill == KILLS_OF_TRYTON:
            # Restored from a backup, say: all that was remembered is gone.
            with shop.database.writing() as session:
                session.execute(sa.delete(CrmRecord))
    sender = Sender(shop, tmp_path, rig.server.url)
    until(shop, 0, deadline)
    sender.kill()

    assert shop.states() == {OutboxState.SENT}
    assert rig.members() == shop.members
    assert {member: rig.said(member) for member in shop.coupons} == shop.coupons
