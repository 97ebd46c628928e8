"""How fast the outbox empties into the CRM: to its commit and back, by size of batch.

Sender and receiver are the real ones, on one machine, so no network's delay is in it;
a delay would favour large batches more.
"""

import contextlib
import json
import statistics
import tempfile
import time
from pathlib import Path

import ulid

from core import clock, outbox
from core.database import Database
from core.models.every import metadata
from core.outbox import EventType
from core.sealing import Sealer
from core.setting_groups.crm import CrmSettings
from core.settings import Settings
from crm import delivery
from crm.webhook import WebhookCrm
from tests.crm.connectors import news_of
from tests.crm.fakes_server import FakesServer

KEY = bytes([2]) * 32
ROUNDS = 3
# Batch size -> events a round; more where it is quicker, so that each round takes a while.
EVENTS = {1: 150, 100: 3000, 1000: 6000}
WANTED_RATIO = 5


def measure() -> list[dict]:
    rates = {size: [] for size in EVENTS}
    with (
        tempfile.TemporaryDirectory() as folder,
        FakesServer(Path(folder, "fakes"), KEY, 1) as fakes,
    ):
        # Round by round, so that a busy moment of the machine falls on every size.
        for number in range(ROUNDS):
            for size in EVENTS:
                rates[size].append(_rate(Path(folder, f"{number}-{size}"), fakes, size))
        _check_all_arrived(fakes)
    one_by_one = statistics.median(rates[1])
    return [_row(size, statistics.median(rates[size]), one_by_one) for size in EVENTS]


def _rate(folder, fakes, size):
    settings = Settings(data_dir=folder, crm=CrmSettings(batch_size=size))
    database, sealer = Database(settings.database_url), Sealer(KEY)
    metadata.create_all(database.engine)
    _fill(database, sealer, EVENTS[size])
    with contextlib.closing(WebhookCrm(f"{fakes.url}/crm/events", KEY, 60, clock.now)) as crm:
        accepted, begin = 0, time.perf_counter()
        while accepted < EVENTS[size]:
            tally = delivery.deliver(database, sealer, crm, settings, clock.now)
            if not tally.accepted:
                raise RuntimeError(f"the fake CRM did not take everything: {tally}")
            accepted += tally.accepted
        took_s = time.perf_counter() - begin
    database.dispose()
    return accepted / took_s


def _fill(database, sealer, count):
    now = clock.now()
    with database.writing() as session:
        for _ in range(count):
            member = str(ulid.ULID())
            data = json.loads(news_of.enrolled(member).body)
            outbox.add(
                session, sealer, EventType.MEMBER_ENROLLED, subject=member, data=data, now=now
            )


def _check_all_arrived(fakes):
    received, sent = fakes.state()["events_received"], ROUNDS * sum(EVENTS.values())
    if received != sent:
        raise RuntimeError(f"{sent} events were sent, {received} arrived")


def _row(size, rate, one_by_one):
    ratio = rate / one_by_one
    return {
        "name": f"crm.batch_{size}",
        "value": round(rate, 1),
        "unit": "events/s",
        "peer": "one event a request",
        "peer_value": round(one_by_one, 1),
        "ratio": round(ratio, 2),
        "goal": "the peer itself" if size == 1 else f"at least {WANTED_RATIO} times the peer",
        "met": size == 1 or ratio >= WANTED_RATIO,
    }
