"""Takes a batch of events in: each once, and all in one statement.

The body is sealed whole and stays as it came, packed or not. What is kept of each event by
itself says nothing of anybody; sealing a thousand contents one by one would cost more than all
the rest of the intake.
"""

import datetime as dt
import json
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.sealing import Sealer
from hq.intake.batch import Row
from hq.models.inbox import BODY, InboxBatch

_UTC = dt.UTC

# In order of ids, so that two that take in the same events never wait for each other.
_ON_POSTGRESQL = sa.text(
    """
    WITH new AS (
        INSERT INTO inbox (
            store_id, event_id, batch_id, position, type, subject, occurred_at, received_at, state
        )
        SELECT :store, e.id, :batch, e.position, e.type, e.subject, e.occurred_at, :now, 'waiting'
        FROM unnest(
            CAST(:ids AS text[]), CAST(:positions AS integer[]), CAST(:types AS text[]),
            CAST(:subjects AS text[]), CAST(:times AS timestamptz[])
        ) AS e (id, position, type, subject, occurred_at)
        ORDER BY e.id COLLATE "C"
        ON CONFLICT DO NOTHING
        RETURNING position
    )
    SELECT coalesce(array_agg(position), '{}') FROM new
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
        new = set(session.execute(_ON_SQLITE, about | _as_json(rows, now)).scalars())
    else:
        new = set(session.execute(_ON_POSTGRESQL, about | _as_arrays(rows, now)).scalar_one())
    if not new:
        session.delete(batch)
    return new


def _as_json(rows: Sequence[Row], now: dt.datetime) -> dict[str, str]:
    events = [(*row[:-1], _plain(row.time)) for row in rows]
    return {"events": json.dumps(events), "now": _plain(now)}


def _as_arrays(rows: Sequence[Row], now: dt.datetime) -> dict[str, object]:
    ids, positions, types, subjects, times = zip(*rows, strict=True)
    return {
        "ids": _array(ids),
        "positions": _array(map(str, positions)),
        "types": _array(types),
        "subjects": _array(map(_quoted, subjects)),
        "times": _array(map(dt.datetime.isoformat, times)),
        "now": now,
    }


def _array(values: Iterable[str]) -> str:
    """PostgreSQL's text of an array. The driver would look at each value by itself."""
    return f"{{{','.join(values)}}}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(moment: dt.datetime) -> str:
    """As SQLAlchemy writes a time into SQLite."""
    return moment.astimezone(_UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
