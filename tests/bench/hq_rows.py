"""How much room a row of headquarters' database takes in PostgreSQL, indexes and all."""

import datetime as dt
import os
import tempfile
from pathlib import Path

import sqlalchemy as sa
import ulid

from core.clock import hour_starts
from core.database import Database
from core.models.outbox_event import OutboxEvent
from hq.models.chain import ChainIdentity, ChainLink, ChainMember
from hq.models.every import metadata
from hq.models.inbox import InboxEvent
from hq.models.store import Store
from hq.models.traffic import StoreDay, StoreHour
from tests.bench import postgresql

_STORES, _DAYS, _MEMBERS = 50, 60, 5_000
_FIRST = dt.date(2026, 1, 1)
_NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
_ZONE = dt.UTC


def octets_by_table():
    """Of each row, on average."""
    with (
        tempfile.TemporaryDirectory(prefix="doorman-rows-") as name,
        postgresql.server(Path(name)) as (url, _),
    ):
        database = Database(url.replace("postgresql://", "postgresql+psycopg://"))
        metadata.create_all(database.engine)
        tables = (*_traffic(), *_members(), *_news())
        with database.engine.begin() as connection:
            for model, rows in tables:
                connection.execute(sa.insert(model), rows)
        with database.engine.connect() as connection:
            found = {
                model.__tablename__: connection.scalar(
                    sa.text("SELECT pg_total_relation_size(:name)"), {"name": model.__tablename__}
                )
                / len(rows)
                for model, rows in tables[1:]
            }
        database.dispose()
        return found


def _traffic():
    stores = [f"store-{number:04}" for number in range(_STORES)]
    yield Store, [{"id": each, "portal_urls": [], "added_at": _NOON} for each in stores]
    figure = {"value": 410, "low": 301, "high": 558}
    days, hours = [], []
    for store in stores:
        for number in range(_DAYS):
            day = _FIRST + dt.timedelta(days=number)
            starts = hour_starts(day, _ZONE)
            each = [
                {
                    "start": start.isoformat(),
                    "passers_by": 120,
                    "visitors": 35,
                    "inside_mean": 10,
                    "heard_s": 3600,
                }
                for start in starts
            ]
            data = dict.fromkeys(("passers_by", "visitors", "entry_rate", "dwell_median_s"), figure)
            data |= {"store": store, "hours": each}
            of_day = {"store_id": store, "day": day, "told_at": _NOON}
            some = {"passers_by": 2880.0, "visitors": 840.0}
            more = {"entry_rate": 0.2, "dwell_median_s": 720.0}
            days.append(of_day | some | more | {"closed_at": _NOON, "data": data})
            hours += [
                of_day
                | {"start": start, "passers_by": 120.0, "visitors": 35.0, "inside_mean": 10.0}
                for start in starts
            ]
    yield StoreDay, days
    yield StoreHour, hours


def _members():
    ids = [str(ulid.ULID()) for _ in range(_MEMBERS)]
    yield (
        ChainMember,
        [{"public_id": each, "enrolled_at": _NOON, "told": os.urandom(16)} for each in ids],
    )
    consents = {key: [_NOON.isoformat(), 1] for key in ("membership", "marketing")}
    yield (
        ChainLink,
        [
            {
                "store_id": "store-0001",
                "store_member": each,
                "member_id": number,
                "language": "zh",
                "enrolled_at": _NOON,
                "consents": consents,
            }
            for number, each in enumerate(ids, 1)
        ],
    )
    yield (
        ChainIdentity,
        [
            {
                "link_id": 1 + number // 2,
                "kind": "phone",
                "lookup": os.urandom(16),
                "sealed_value": os.urandom(45),
                "first_at": _NOON,
                "verified_at": _NOON,
            }
            for number in range(2 * _MEMBERS)
        ],
    )


def _news():
    rows = [
        {
            "event_id": str(ulid.ULID()),
            "type": "doorman.member.updated",
            "subject": str(ulid.ULID()),
            "occurred_at": _NOON,
        }
        for _ in range(4 * _MEMBERS)
    ]
    inbox = {"store_id": "store-0001", "batch_id": 1, "position": 1, "received_at": _NOON}
    yield InboxEvent, [row | inbox | {"state": "folded"} for row in rows]
    sent = {"state": "sent", "sent_at": _NOON, "next_attempt_at": _NOON, "source": "store-0001"}
    yield OutboxEvent, [row | sent | {"sealed_data": b""} for row in rows]


if __name__ == "__main__":
    for table, octets in octets_by_table().items():
        print(f"{table} {octets:.0f}")
