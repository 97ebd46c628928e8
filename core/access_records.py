"""Adds to the access log: rows wait in the session and are chained just before it commits.

So they are on disk if and only if what they tell of is; and the chain's head is the last thing
a transaction locks, for the length of an insert. Reading is for `access_log`.
"""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import chain, clock
from core.metrics import counted
from core.models.access_record import BODY, HEAD_ID, AccessDay, AccessHead, AccessRecord, Kind
from core.sealing import SealBrokenError, Sealer

_WAITING, _WRITTEN = "access_records", "access_records_written"


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """What is to be a row, but for its number, day and hash."""

    kind: Kind
    at: dt.datetime
    body: Mapping[str, object]
    session_id: str | None = None
    account_lookup: bytes | None = None
    device_lookup: bytes | None = None


def note(session: Session, sealer: Sealer, *drafts: Draft) -> None:
    """Have rows written with this transaction."""
    session.info.setdefault(_WAITING, []).extend((sealer, each) for each in drafts)


def plain(row: Mapping[str, Any], body: str) -> dict[str, object]:
    """A row as it is hashed. `row` has its columns, `body` its text in plain."""
    account, device = row["account_lookup"], row["device_lookup"]
    return {
        "number": row["number"],
        "day": row["day"].isoformat(),
        "at": row["at"].astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "kind": str(row["kind"]),
        "session": row["session_id"],
        "account": account.hex() if account else None,
        "device": device.hex() if device else None,
        "body": body,
    }


def plain_day(row: Mapping[str, Any]) -> dict[str, object]:
    """A day as it is hashed."""
    return {
        "day": row["day"].isoformat(),
        "first": row["first"],
        "last": row["last"],
        "before": row["hash_before"].hex(),
        "after": row["hash_after"].hex(),
    }


def head(session: Session) -> AccessHead:
    """The chain's end, held until the transaction ends."""
    wanted = sa.select(AccessHead).where(AccessHead.id == HEAD_ID).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is not None:
        return found
    first = {
        "id": HEAD_ID,
        "number": 0,
        "hash": chain.FIRST,
        "day_first": 1,
        "day_before": chain.FIRST,
        "days_hash": chain.FIRST,
        "place": 0,
        "time_zone": "UTC",
        "day_begins": dt.time(),
    }
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    session.execute(insert(AccessHead).values(first).on_conflict_do_nothing())
    return session.scalars(wanted).one()


@sa.event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if _WAITING not in session.info or session.in_nested_transaction():
        return
    waiting: list[tuple[Sealer, Draft]] = session.info.pop(_WAITING)
    # What else the transaction changes comes first, so that nothing is locked after the head.
    session.flush()
    session.info[_WRITTEN] = True
    end = head(session)
    rows = [row for sealer, draft in waiting for row in _rows(session, end, sealer, draft)]
    session.execute(sa.insert(AccessRecord), rows)
    session.flush()


@sa.event.listens_for(Session, "after_commit")
def _count_on(session: Session) -> None:
    session.info.pop(_WRITTEN, None)


@sa.event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_WAITING, None)
    # Nothing comes after the rows but the commit: it is they that could not be written.
    if session.info.pop(_WRITTEN, False):
        counted.ACCESS_LOG_FAILURES.add()


def _rows(
    session: Session, end: AccessHead, sealer: Sealer, draft: Draft
) -> Iterator[dict[str, Any]]:
    if draft.kind is Kind.PLACE:
        end.time_zone = str(draft.body["time_zone"])
        end.day_begins = dt.time.fromisoformat(str(draft.body["day_begins"]))
    day = clock.store_day(draft.at, clock.StoreZone.of(end.time_zone, end.day_begins))
    if end.day is None or day > end.day:
        _begin_day(session, end, day)
        place = None if draft.kind is Kind.PLACE else _place(session, sealer, end)
        if place is not None:
            yield _row(end, sealer, Draft(Kind.PLACE, draft.at, place))
    yield _row(end, sealer, draft)


def _row(end: AccessHead, sealer: Sealer, draft: Draft) -> dict[str, Any]:
    body = chain.canonical({**draft.body, "salt": chain.salt()})
    row = {
        "number": end.number + 1,
        "day": end.day,
        "at": draft.at,
        "kind": draft.kind,
        "session_id": draft.session_id,
        "account_lookup": draft.account_lookup,
        "device_lookup": draft.device_lookup,
        "sealed_body": sealer.seal(BODY, body.encode()),
    }
    end.number += 1
    row["hash"] = end.hash = chain.link(end.hash, plain(row, body))
    if draft.kind is Kind.PLACE:
        end.place = end.number
    return row


def _begin_day(session: Session, end: AccessHead, day: dt.date) -> None:
    if end.day is not None:
        over = {
            "day": end.day,
            "first": end.day_first,
            "last": end.number,
            "hash_before": end.day_before,
            "hash_after": end.hash,
        }
        end.days_hash = chain.link(end.days_hash, plain_day(over))
        session.add(AccessDay(**over, hash=end.days_hash))
    end.day, end.day_first, end.day_before = day, end.number + 1, end.hash


def _place(session: Session, sealer: Sealer, end: AccessHead) -> dict[str, object] | None:
    """What the last row of that kind says, to be said again of another day."""
    sealed = session.scalar(
        sa.select(AccessRecord.sealed_body).where(AccessRecord.number == end.place)
    )
    try:
        body = json.loads(sealer.open(BODY, sealed)) if sealed else None
    except SealBrokenError:
        # Its key is lost. The jobs tell it anew.
        body = None
    return body
