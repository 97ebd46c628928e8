"""Leaves a CRM alone that is down: a circuit breaker, with its state in the database.

    closed      all is well: what is due is sent
    open        the CRM failed: nothing is sent until the wait is over
    half-open   the wait is over: one small batch tries. If the CRM answers, the breaker closes;
                if not, it is open again, for longer

A CRM that fails once is down for all events: there is nothing to count up to. `Retry-After` is
part of the wait (`crm.backoff`), so that there is one rule and not two. The state survives a
restart, and every process that shares the database goes by it.
"""

import datetime as dt
import enum

from sqlalchemy.orm import Session

from core.models.crm_line import THE_ONE, CrmLine


class State(enum.StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


def line(session: Session) -> CrmLine:
    """The line as it is known; one that was never used is well."""
    return session.get(CrmLine, THE_ONE) or CrmLine(
        id=THE_ONE, failures=0, reason="", dropped=0, differences=0
    )


def state(found: CrmLine, now: dt.datetime) -> State:
    if not found.failures:
        return State.CLOSED
    if found.failed_at is None or found.open_until is None:
        return State.HALF_OPEN
    # A clock that was set back since, as on a box that keeps no time while it is off, shall not
    # keep us waiting for hours.
    return State.OPEN if found.failed_at <= now < found.open_until else State.HALF_OPEN


def failed(session: Session, reason: str, now: dt.datetime, wait: dt.timedelta) -> None:
    """The CRM took nothing: leave it alone for a while."""
    found = writable(session)
    found.failures += 1
    found.reason, found.failed_at, found.open_until = reason, now, now + wait


def answered(session: Session, now: dt.datetime) -> None:
    """The CRM said something about what it was sent, be it no."""
    found = writable(session)
    found.failures, found.reason = 0, ""
    found.failed_at = found.open_until = None
    found.last_success_at = now


def writable(session: Session) -> CrmLine:
    """The line's row, to be changed in the caller's transaction."""
    return session.merge(line(session))
