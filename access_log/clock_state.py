"""What the access log last said of the box's clock."""

import datetime as dt
import json

import sqlalchemy as sa

from access_log.box_clock import State
from core.database import Database
from core.models.access_record import BODY, HEAD_ID, AccessHead, AccessRecord, Kind
from core.sealing import SealBrokenError, Sealer

# There is no index by kind: a page is not to read half a year. Weeks of a busy store.
_ROWS = 50_000


def last(database: Database, sealer: Sealer) -> tuple[State, dt.datetime] | None:
    """What it was, and since when; None: it was right as far as these rows reach."""
    with database.reading() as session:
        head = session.get(AccessHead, HEAD_ID)
        if head is None:
            return None
        found = session.execute(
            sa.select(AccessRecord.at, AccessRecord.sealed_body)
            .where(AccessRecord.number > head.number - _ROWS, AccessRecord.kind == Kind.CLOCK)
            .order_by(AccessRecord.number.desc())
            .limit(1)
        ).one_or_none()
    if found is None:
        return None
    try:
        return State(json.loads(sealer.open(BODY, found.sealed_body)).get("state", "")), found.at
    except (SealBrokenError, ValueError):
        return None
