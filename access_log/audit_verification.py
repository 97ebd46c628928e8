"""Goes through the audit log, and names the first entry that is not as it was written.

Where it stood is in the access log, each day: whoever has written all of the audit log anew
would have to do the same with that one, for which they need the keys.
"""

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from access_log import anchoring
from access_log.anchoring import Anchor
from access_log.verification import Fault
from core import audit_chain, chain, periods
from core.database import Database
from core.models.audit_entry import HEAD_ID, AuditEntry, AuditHead, plain
from core.sealing import Sealer

_AT_ONCE = 500
_ANCHOR = "audit"
"""The field in a row of the access log."""


@dataclasses.dataclass(slots=True)
class Verdict:
    entries: int = 0
    """That are as they were written."""
    forgotten: int = 0
    """How many were deleted in due time."""
    chained_later: int = 0
    """The number of the last one that was written before there was a chain; 0: there is none.
    Of what was done to those before they were chained, nothing is known.
    """
    number: int = 0
    """Of the last entry that is right."""
    hash: bytes = chain.FIRST
    fault: Fault | None = None
    """Of the entry after that one, or of the entry `at`."""
    at: int = 0


def head(database: Database) -> Anchor | None:
    """Where the audit log stands; None if it is empty."""
    with database.reading() as session:
        found = session.get(AuditHead, HEAD_ID)
        return Anchor(found.number, found.hash) if found and found.number else None


def write_down(database: Database, sealer: Sealer, anchor: Anchor, now: dt.datetime) -> None:
    """In the access log: whoever keeps where that stands keeps this as well."""
    anchoring.write_down(database, sealer, _ANCHOR, anchor, now)


def written_down(database: Database, sealer: Sealer) -> list[Anchor]:
    """Every place where the audit log stood, as the access log has it."""
    return anchoring.written_down(database, sealer, _ANCHOR)


class _Found(Exception):  # noqa: N818 - ends the way through, and is no error
    def __init__(self, number: int, fault: Fault) -> None:
        super().__init__()
        self.number, self.fault = number, fault


def verify(database: Database, now: dt.datetime, anchors: Collection[Anchor] = ()) -> Verdict:
    """What there is to say; it stops at the first entry that is wrong.

    `anchors`: where the log stood, as others have kept it.
    """
    verdict = Verdict()
    with database.reading() as session:
        if session.get_bind().dialect.name == "postgresql":
            # Else entries that are added meanwhile would seem to be more than there are.
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        try:
            _Way(session, now, anchors, verdict).go()
        except _Found as found:
            verdict.fault, verdict.at = found.fault, found.number
    return verdict


@dataclasses.dataclass(slots=True)
class _Way:
    session: Session
    now: dt.datetime
    anchors: Collection[Anchor]
    verdict: Verdict

    def go(self) -> None:
        found = self.session.get(AuditHead, HEAD_ID)
        end = AuditHead(**audit_chain.FIRST) if found is None else found
        self._skip(end)
        columns = AuditEntry.__table__.columns
        query = sa.select(*columns).where(_after(end.forgotten)).order_by(AuditEntry.id)
        with self.session.execute(query.execution_options(yield_per=_AT_ONCE)) as rows:
            for each in rows:
                self._look(each._asdict(), end)
        if self.verdict.number != end.number:
            raise _Found(self.verdict.number + 1, Fault.MISSING)
        if self.verdict.hash != end.hash:
            raise _Found(end.number, Fault.DAY_CHANGED)
        if any(each.number > end.number for each in self.anchors):
            raise _Found(end.number + 1, Fault.MISSING)

    def _skip(self, end: AuditHead) -> None:
        """What is not there any more."""
        until, on = end.forgotten_until, end.forgotten_on
        if end.forgotten and (
            until is None or on is None or on > self.now or on - until < periods.AUDIT_ENTRY
        ):
            raise _Found(1, Fault.DELETED_EARLY)
        stray = self.session.scalar(
            sa.select(sa.func.min(AuditEntry.id)).where(AuditEntry.id <= end.forgotten)
        )
        if stray is not None:
            raise _Found(stray, Fault.ADDED)
        self.verdict.forgotten = end.forgotten
        if end.forgotten:
            self._step(end.forgotten, end.forgotten_hash)

    def _look(self, row: Mapping[str, Any], end: AuditHead) -> None:
        number = self.verdict.number + 1
        if number > end.number:
            raise _Found(row["id"], Fault.ADDED)
        if row["id"] != number:
            raise _Found(number, Fault.MISSING)
        if self._link(row, number) != row["hash"]:
            raise _Found(number, self._fault(row))
        if row["action"] == audit_chain.CHAINED:
            self.verdict.chained_later = row["number"]
        self.verdict.entries += 1
        self._step(number, row["hash"])

    def _step(self, number: int, link: bytes) -> None:
        if any(each.number == number and each.hash != link for each in self.anchors):
            raise _Found(number, Fault.NOT_AS_ANCHORED)
        self.verdict.number, self.verdict.hash = number, link

    def _link(self, row: Mapping[str, Any], number: int) -> bytes:
        """The hash that `row` would have as the next."""
        return chain.link(self.verdict.hash, plain({**row, "id": number}))

    def _fault(self, found: Mapping[str, Any]) -> Fault:
        """What is wrong with an entry that does not follow."""
        twin = sa.select(AuditEntry.id).where(
            AuditEntry.hash == found["hash"], AuditEntry.id < found["id"]
        )
        if self.session.scalar(twin.limit(1)) is not None:
            return Fault.DOUBLED
        columns = AuditEntry.__table__.columns
        with self.session.execute(sa.select(*columns).where(_after(found["id"]))) as others:
            for other in others:
                row = other._asdict()
                if self._link(row, self.verdict.number + 1) == row["hash"]:
                    return Fault.REORDERED
        return Fault.CHANGED


def _after(number: int) -> sa.ColumnElement[bool]:
    return AuditEntry.id > number
