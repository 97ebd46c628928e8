"""Takes a batch of events in: each once, and all in one statement.

The body is sealed whole and stays as it came, packed or not. What is kept of each event by
itself says nothing of anybody; sealing a thousand contents one by one would cost more than all
the rest of the intake.
"""

import datetime as dt
import json
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.sealing import Sealer
from hq.intake.batch import Row
from hq.models.inbox import BODY, InboxBatch

_UTC = dt.UTC

# In order of ids, so that two that take in the same events never wait for each other.
_ON_POSTGRESQL = sa.text(
    """
    INSERT INTO inbox
        (store_id, event_id, batch_id, position, type, subject, occurred_at, received_at, state)
    SELECT :store, e.id, :batch, e.position, e.type, e.subject, e.occurred_at, :now, 'waiting'
    FROM unnest(
        CAST(:ids AS text[]), CAST(:positions AS integer[]), CAST(:types AS text[]),
        CAST(:subjects AS text[]), CAST(:times AS timestamptz[])
    ) AS e (id, position, type, subject, occurred_at)
    ORDER BY e.id COLLATE "C"
    ON CONFLICT DO NOTHING
    RETURNING position
    """
)
_ON_SQLITE = sa.text(
    """
    INSERT INTO inbox
        (store_id, event_id, batch_id, position, type, subject, occurred_at, received_at, state)
    SELECT :store, value ->> 0, :batch, value ->> 1, value ->> 2, value ->> 3, value ->> 4, :now,
        'waiting'
    FROM json_each(:events)
    WHERE true
    ON CONFLICT DO NOTHING
    RETURNING position
    """
)


def take(
    session: Session,
    sealer: Sealer,
    store_id: str,
    body: bytes,
    rows: Sequence[Row],
    *,
    now: dt.datetime,
) -> set[int]:
    """Put the events of a request into the inbox; the positions of those that are new."""
    batch = InboxBatch(store_id=store_id, received_at=now, sealed_body=sealer.seal(BODY, body))
    session.add(batch)
    session.flush()
    about = {"store": store_id, "batch": batch.id}
    if session.get_bind().dialect.name == "sqlite":
        events = [(row.id, row.position, row.type, row.subject, _plain(row.time)) for row in rows]
        found = session.execute(
            _ON_SQLITE, {**about, "events": json.dumps(events), "now": _plain(now)}
        )
    else:
        columns = {
            "ids": [row.id for row in rows],
            "positions": [row.position for row in rows],
            "types": [row.type for row in rows],
            "subjects": [row.subject for row in rows],
            "times": [row.time for row in rows],
        }
        found = session.execute(_ON_POSTGRESQL, {**about, **columns, "now": now})
    new = set(found.scalars())
    if not new:
        session.delete(batch)
    return new


def _plain(moment: dt.datetime) -> str:
    """As SQLAlchemy writes a time into SQLite."""
    return moment.astimezone(_UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
