"""Goes through the access log, and names the first row that is not as it was written.

What somebody with the keys can do all the same: docs/decisions/0030-access-log.md.
"""

import dataclasses
import datetime as dt
import enum
import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from access_log import days
from core import access_records, chain
from core.database import Database
from core.models.access_record import BODY, HEAD_ID, AccessDay, AccessHead, AccessRecord, Kind
from core.sealing import KeyMissingError, SealBrokenError, Sealer

_AT_ONCE = 500


class Fault(enum.StrEnum):
    MISSING = "missing"
    CHANGED = "changed"
    DOUBLED = "doubled"
    """A row from further up stands there once more."""
    REORDERED = "reordered"
    """What belongs there stands further down."""
    ADDED = "added"
    """A row where there is none."""
    UNREADABLE = "unreadable"
    """Its key is not in the secrets file, so nobody can say."""
    DAY_CHANGED = "day_changed"
    """What is kept of a day, or of the head, does not fit what comes before it."""
    DELETED_EARLY = "deleted_early"
    """A day's rows were deleted before they were due."""
    NOT_AS_ANCHORED = "not_as_anchored"
    """Its hash is not the one that was told to whoever keeps it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Trouble:
    number: int
    """Of the first row concerned."""
    day: dt.date | None
    fault: Fault

    is_of_anchor: bool = False
    """Whether it is about a row that others have kept, and not about one that is there."""

    def __str__(self) -> str:
        day = f" ({self.day})" if self.day else ""
        return f"row {self.number}{day}: {self.fault.replace('_', ' ')}"


@dataclasses.dataclass(frozen=True, slots=True)
class Restored:
    """A backup was put in place: what was written after that, up to then, is not in the log.

    An anchor of a row from here on may be of what was lost.
    """

    number: int
    """Of the row that says so, the first one after the backup's."""
    at: dt.datetime
    as_of: str

    def __str__(self) -> str:
        lost = f"what was written between {self.as_of} and then is lost"
        return f"row {self.number}: restored at {self.at:%Y-%m-%dT%H:%M:%SZ}: {lost}"


@dataclasses.dataclass(slots=True)
class Verdict:
    rows: int = 0
    """That are as they were written."""
    days_deleted: int = 0
    """In due time."""
    number: int = 0
    """Of the last row."""
    hash: bytes = chain.FIRST
    restored: list[Restored] = dataclasses.field(default_factory=list)
    trouble: Trouble | None = None


class _Found(Exception):  # noqa: N818 - ends the way through, and is no error
    def __init__(
        self, number: int, day: dt.date | None, fault: Fault, *, is_of_anchor: bool = False
    ) -> None:
        super().__init__()
        self.trouble = Trouble(number, day, fault, is_of_anchor)


@dataclasses.dataclass(frozen=True, slots=True)
class _Span:
    """A day: one that is over, or the one that the head is in."""

    day: dt.date
    first: int
    last: int
    before: bytes
    after: bytes
    deleted_at: dt.datetime | None = None


def verify(
    database: Database,
    sealer: Sealer,
    now: dt.datetime,
    anchors: Mapping[int, bytes] | None = None,
    *,
    floor: int = 0,
) -> Verdict:
    """What there is to say; it stops at the first row that is wrong.

    `anchors`: hashes of rows by their numbers, as others have kept them. `floor`: for how many
    days after it the law wants a day's rows to be there.
    """
    verdict = Verdict()
    with database.reading() as session:
        if session.get_bind().dialect.name == "postgresql":
            # Else rows that are added meanwhile would seem to be more than there are.
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        try:
            _Way(session, sealer, now, anchors or {}, floor, verdict).go()
        except _Found as found:
            verdict.trouble = found.trouble
    return verdict


@dataclasses.dataclass(slots=True)
class _Way:
    session: Session
    sealer: Sealer
    now: dt.datetime
    anchors: Mapping[int, bytes]
    floor: int
    verdict: Verdict

    def go(self) -> None:
        spans = list(self._spans())
        end = spans[-1].last if spans else 0
        for span in spans:
            if span.first != self.verdict.number + 1 or span.before != self.verdict.hash:
                raise _Found(self.verdict.number + 1, span.day, Fault.DAY_CHANGED)
            if span.deleted_at is None:
                self._walk(span)
            else:
                self._skip(span, span.deleted_at)
        stray = self.session.scalar(
            sa.select(sa.func.min(AccessRecord.number)).where(
                sa.or_(AccessRecord.number > end, AccessRecord.number < 1)
            )
        )
        if stray is not None:
            raise _Found(stray, None, Fault.ADDED)
        if any(number > end for number in self.anchors):
            raise _Found(end + 1, None, Fault.MISSING, is_of_anchor=True)

    def _spans(self) -> Iterator[_Span]:
        before = chain.FIRST
        columns = AccessDay.__table__.columns
        for each in self.session.execute(sa.select(*columns).order_by(AccessDay.first)).all():
            row = each._asdict()
            before = chain.link(before, access_records.plain_day(row))
            if row["hash"] != before:
                raise _Found(row["first"], row["day"], Fault.DAY_CHANGED)
            yield _Span(
                row["day"],
                row["first"],
                row["last"],
                row["hash_before"],
                row["hash_after"],
                row["deleted_at"],
            )
        head = self.session.get(AccessHead, HEAD_ID)
        if head is None or head.day is None:
            return
        if head.days_hash != before:
            raise _Found(head.day_first, head.day, Fault.DAY_CHANGED)
        yield _Span(head.day, head.day_first, head.number, head.day_before, head.hash)

    def _skip(self, span: _Span, deleted_at: dt.datetime) -> None:
        if not days.is_due(span.day, deleted_at, self.floor) or deleted_at > self.now:
            raise _Found(span.first, span.day, Fault.DELETED_EARLY)
        there = sa.select(sa.func.min(AccessRecord.number)).where(_in(span))
        number = self.session.scalar(there)
        if number is not None:
            raise _Found(number, span.day, Fault.ADDED)
        self.verdict.days_deleted += 1
        self._step(span.last, span.after, span.day)

    def _walk(self, span: _Span) -> None:
        columns = AccessRecord.__table__.columns
        query = sa.select(*columns).where(_in(span)).order_by(AccessRecord.number)
        with self.session.execute(query.execution_options(yield_per=_AT_ONCE)) as rows:
            for each in rows:
                self._look(each._asdict(), span)
        if self.verdict.number != span.last:
            raise _Found(self.verdict.number + 1, span.day, Fault.MISSING)
        if self.verdict.hash != span.after:
            raise _Found(span.last, span.day, Fault.DAY_CHANGED)

    def _look(self, row: dict[str, Any], span: _Span) -> None:
        number = self.verdict.number + 1
        if row["number"] != number:
            raise _Found(number, span.day, Fault.MISSING)
        if row["day"] != span.day or self._link(row, number) != row["hash"]:
            raise _Found(number, span.day, self._fault(row, span))
        self.verdict.rows += 1
        if row["kind"] is Kind.RESTORED:
            said = json.loads(self.sealer.open(BODY, row["sealed_body"]))
            self.verdict.restored.append(Restored(number, row["at"], str(said.get("as_of"))))
        self._step(number, row["hash"], span.day)

    def _step(self, number: int, link: bytes, day: dt.date) -> None:
        if self.anchors.get(number, link) != link:
            raise _Found(number, day, Fault.NOT_AS_ANCHORED, is_of_anchor=True)
        self.verdict.number, self.verdict.hash = number, link

    def _link(self, row: Mapping[str, Any], number: int) -> bytes | None:
        """The hash that `row` would have as the next; None if it does not open."""
        try:
            body = self.sealer.open(BODY, row["sealed_body"]).decode()
            said = access_records.plain({**row, "number": number}, body)
        except KeyMissingError:
            raise _Found(number, row["day"], Fault.UNREADABLE) from None
        except (SealBrokenError, UnicodeDecodeError):
            return None
        return chain.link(self.verdict.hash, said)

    def _fault(self, found: Mapping[str, Any], span: _Span) -> Fault:
        """What is wrong with a row that does not follow."""
        twin = sa.select(AccessRecord.number).where(
            AccessRecord.hash == found["hash"], AccessRecord.number < found["number"]
        )
        if self.session.scalar(twin.limit(1)) is not None:
            return Fault.DOUBLED
        columns = AccessRecord.__table__.columns
        later = sa.select(*columns).where(
            AccessRecord.day == span.day, AccessRecord.number > found["number"]
        )
        with self.session.execute(later) as others:
            for other in others:
                row = other._asdict()
                if self._link(row, self.verdict.number + 1) == row["hash"]:
                    return Fault.REORDERED
        return Fault.CHANGED


def _in(span: _Span) -> sa.ColumnElement[bool]:
    return AccessRecord.number.between(span.first, span.last)
