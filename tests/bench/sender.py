"""What the sending half costs an event, in processor time, and its parts of it.

The receiver takes everything and costs nothing; `tests.bench.intake` measures the whole way.
"""

import gc
import itertools
import statistics
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
import ulid

from core import clock, outbox
from core.database import Database
from core.models.every import metadata
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType
from core.sealing import Sealer
from core.setting_groups.crm import CrmSettings
from core.settings import Settings
from crm import backlog, delivery, webhook
from crm.backlog import Limits
from crm.event import batch_body, opened
from crm.shape import Answer, Outcome
from tests.crm.connectors import news_of

KEY = bytes([2]) * 32
EVENTS = 50_000
BATCH = 1000
ROUNDS = 3
# Of 40,000 events a second with two cores, half of one second's time for the sender.
MOST_US = 20.0


class Everything:
    """A receiver that takes whatever it is sent, at no cost."""

    takes = frozenset(EventType)
    at_once = 1
    _accepted = Answer(Outcome.ACCEPTED)

    def send(self, batch):
        webhook._zipped(batch_body(batch))
        return {event.id: self._accepted for event in batch}


def _fill(database, sealer):
    now = clock.now()
    rows = []
    for _ in range(EVENTS):
        member = str(ulid.ULID())
        body = news_of.enrolled(member).body
        rows.append(
            {
                "event_id": str(ulid.ULID()),
                "type": EventType.MEMBER_ENROLLED.value,
                "source": "",
                "subject": member,
                "occurred_at": now,
                "sealed_data": sealer.seal(outbox.DATA, body),
                "next_attempt_at": now,
            }
        )
    with database.writing() as session:
        session.execute(sa.insert(OutboxEvent), rows)


def _drain(database, sealer, settings):
    sent = 0
    while sent < EVENTS:
        sent += delivery.deliver(database, sealer, Everything(), settings, clock.now).accepted


def measure() -> list[dict]:
    costs = {}
    # As `doorman jobs` does, in which the sender runs.
    gc.freeze()
    for _ in range(ROUNDS):
        for name, us in _round().items():
            costs.setdefault(name, []).append(us)
    return [_row(name, statistics.median(found)) for name, found in costs.items()]


def _round():
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), crm=CrmSettings(batch_size=BATCH))
        database, sealer = Database(settings.database_url), Sealer(KEY)
        metadata.create_all(database.engine)
        _fill(database, sealer)
        found = _parts(database, sealer)
        begin = time.process_time()
        _drain(database, sealer, settings)
        found["all"] = time.process_time() - begin
        database.dispose()
    pieces = {"all": EVENTS}
    return {name: took_s / pieces.get(name, BATCH) * 1e6 for name, took_s in found.items()}


def _parts(database, sealer):
    limits = Limits(BATCH, 10**7, clock.now())
    with database.reading() as session:
        # Once for SQLAlchemy, which writes a statement but once.
        backlog.due(session, 0, limits)
        marks = [time.process_time()]
        rows = backlog.due(session, 0, limits)
    marks.append(time.process_time())
    events = [opened(row, sealer, "store-1") for row in rows]
    marks.append(time.process_time())
    body = batch_body(events)
    marks.append(time.process_time())
    webhook._zipped(body)
    marks.append(time.process_time())
    names = ("read", "open", "write", "pack")
    return dict(zip(names, (b - a for a, b in itertools.pairwise(marks)), strict=True))


def _row(name, cost_us):
    is_all = name == "all"
    return {
        "name": f"sender.{name}",
        "value": round(cost_us, 1),
        "unit": "us/event",
        "peer": None,
        "peer_value": None,
        "ratio": None,
        "goal": f"at most {MOST_US:.0f}" if is_all else "part of it",
        "met": cost_us <= MOST_US if is_all else True,
    }
