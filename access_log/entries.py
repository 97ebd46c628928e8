"""Reads rows of the access log, opened. Whoever calls this has written down who reads, and why."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import access_records
from core.models.access_record import BODY, AccessRecord, Kind
from core.sealing import SealBrokenError, Sealer

_AT_ONCE = 500


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Entry:
    number: int
    at: dt.datetime
    kind: Kind
    session_id: str | None
    body: Mapping[str, Any]
    """Empty if it does not open."""
    hashed: Mapping[str, object]
    """The row as it is hashed: with the hash before, anybody can work out its own."""
    hash: bytes


def read(
    session: Session,
    sealer: Sealer,
    first: dt.date,
    last: dt.date,
    narrowed: sa.ColumnElement[bool] | None = None,
) -> Iterator[Entry]:
    """The rows of these days, in order. `narrowed`: those alone, and what is true of all."""
    columns = AccessRecord.__table__.columns
    query = sa.select(*columns).where(AccessRecord.day.between(first, last))
    if narrowed is not None:
        query = query.where(sa.or_(narrowed, AccessRecord.kind == Kind.PLACE))
    query = query.order_by(AccessRecord.number).execution_options(yield_per=_AT_ONCE)
    with session.execute(query) as rows:
        for each in rows:
            yield _entry(sealer, each._asdict())


def _entry(sealer: Sealer, row: Mapping[str, Any]) -> Entry:
    try:
        text = sealer.open(BODY, row["sealed_body"]).decode()
        body = json.loads(text)
    except (SealBrokenError, ValueError):
        text, body = "", {}
    return Entry(
        row["number"],
        row["at"],
        row["kind"],
        row["session_id"],
        body,
        access_records.plain(row, text),
        row["hash"],
    )
