"""Exports of the access log: asked for, agreed to by somebody else where that is set, given out.

Each of the three is a row of the access log before it is done. What is asked for is sealed, and
given out to whoever asked, to nobody else.
"""

import dataclasses
import datetime as dt
import enum
import json
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import access_records
from core.access_records import Draft
from core.database import Database
from core.models.access_export import BODY, AccessExport
from core.models.access_record import Kind
from core.sealing import SealBrokenError, Sealer

_OF_THE_SYSTEM = "system:"


class RequestError(Exception):
    """It cannot be done; the message says why."""


class GoneError(RequestError):
    def __init__(self) -> None:
        super().__init__("there is no such request, or its time is over")


class SamePersonError(RequestError):
    def __init__(self) -> None:
        super().__init__("somebody else has to agree, not whoever asked")


class NotAgreedError(RequestError):
    def __init__(self) -> None:
        super().__init__("nobody else has agreed to it yet")


class State(enum.StrEnum):
    WAITING = "waiting"
    READY = "ready"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to know, and for whom. Times have a zone."""

    officer: str = dataclasses.field(repr=False)
    reason: str = dataclasses.field(repr=False)
    since: dt.datetime
    until: dt.datetime
    phone: str | None = dataclasses.field(default=None, repr=False)
    """In E.164."""
    mac: str | None = dataclasses.field(default=None, repr=False)
    session: str | None = None
    public: str | None = dataclasses.field(default=None, repr=False)
    """Address towards the internet, with `public_port`."""
    public_port: int | None = None

    def asked(self) -> dict[str, object]:
        """As it stands in the access log."""
        said = dataclasses.asdict(self)
        times = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return {name: said[name] for name in said if name not in {"officer", "reason"}} | times


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    number: int
    asked_at: dt.datetime
    asked_by: str
    expires_at: dt.datetime
    decided_by: str | None
    given_at: dt.datetime | None
    state: State
    wanted: Wanted | None
    """None: it does not open."""


def is_same(one: str, other: str) -> bool:
    """Whether two users are one person: also where one of them typed a command."""
    return one.removeprefix(_OF_THE_SYSTEM) == other.removeprefix(_OF_THE_SYSTEM)


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    """Where exports are asked for."""

    database: Database
    sealer: Sealer
    four_eyes: bool
    """Whether somebody else has to agree to each."""
    lifetime: dt.timedelta
    """Of a request: in that time it is agreed to and given out."""

    def ask(self, wanted: Wanted, who: str, now: dt.datetime) -> int:
        """The number of the new request."""
        body = json.dumps({**wanted.asked(), "officer": wanted.officer, "reason": wanted.reason})
        with self.database.writing() as session:
            row = AccessExport(
                asked_at=now,
                asked_by=who,
                sealed_body=self.sealer.seal(BODY, body.encode()),
                expires_at=now + self.lifetime,
                decided_at=None if self.four_eyes else now,
                is_approved=None if self.four_eyes else True,
            )
            session.add(row)
            session.flush()
            self._note(session, row.id, "asked", who, wanted, now)
            return row.id

    def decide(self, number: int, who: str, now: dt.datetime, *, approve: bool) -> None:
        """GoneError: there is none that waits. SamePersonError: it is their own."""
        with self.database.writing() as session:
            row = self._held(session, number, now)
            if row.decided_at is not None:
                raise GoneError
            if is_same(row.asked_by, who):
                raise SamePersonError
            row.decided_at, row.decided_by, row.is_approved = now, who, approve
            self._note(session, number, "approved" if approve else "refused", who, None, now)

    def give_out(self, number: int, who: str, now: dt.datetime, form: str) -> Wanted:
        """What is to be given to `who`, who has asked for it; that it is, is written down now.

        GoneError: not to them, or no longer. NotAgreedError: somebody else has not agreed.
        """
        with self.database.writing() as session:
            row = self._held(session, number, now)
            if not is_same(row.asked_by, who) or row.is_approved is False:
                raise GoneError
            # Four eyes may have been set since it was asked for.
            if not row.is_approved or (self.four_eyes and row.decided_by is None):
                raise NotAgreedError
            wanted = self._opened(row)
            if wanted is None:
                raise GoneError
            row.given_at = now
            more = {"format": form, "approved_by": row.decided_by}
            self._note(session, number, "export", who, wanted, now, more)
            return wanted

    def listed(self, now: dt.datetime) -> list[Request]:
        """Those that are kept yet, newest first."""
        newest = sa.select(AccessExport).order_by(AccessExport.id.desc())
        with self.database.reading() as session:
            return [self._request(row, now) for row in session.scalars(newest)]

    def find(self, number: int, now: dt.datetime) -> Request | None:
        with self.database.reading() as session:
            row = session.get(AccessExport, number)
            return None if row is None else self._request(row, now)

    def _request(self, row: AccessExport, now: dt.datetime) -> Request:
        state = State.WAITING
        if row.is_approved is False:
            state = State.REFUSED
        elif row.expires_at <= now:
            state = State.EXPIRED
        elif row.is_approved and not (self.four_eyes and row.decided_by is None):
            state = State.READY
        return Request(
            row.id,
            row.asked_at,
            row.asked_by,
            row.expires_at,
            row.decided_by,
            row.given_at,
            state,
            self._opened(row),
        )

    def _opened(self, row: AccessExport) -> Wanted | None:
        try:
            said = json.loads(self.sealer.open(BODY, row.sealed_body))
        except SealBrokenError:
            return None
        times = {name: dt.datetime.fromisoformat(said[name]) for name in ("since", "until")}
        return Wanted(**(said | times))

    def _held(self, session: Session, number: int, now: dt.datetime) -> AccessExport:
        wanted = sa.select(AccessExport).where(AccessExport.id == number).with_for_update()
        row = session.scalar(wanted)
        if row is None or row.expires_at <= now:
            raise GoneError
        return row

    def _note(  # noqa: PLR0917 - what a row says
        self,
        session: Session,
        number: int,
        what: str,
        who: str,
        wanted: Wanted | None,
        now: dt.datetime,
        more: Mapping[str, object] | None = None,
    ) -> None:
        body: dict[str, object] = {"what": what, "who": who, "request": number, **(more or {})}
        if wanted is not None:
            said = {"officer": wanted.officer, "reason": wanted.reason, "asked": wanted.asked()}
            body |= said
        access_records.note(session, self.sealer, Draft(Kind.READ, now, body))
