"""How the line to the CRM is: a circuit breaker's state, for whoever sends and whoever asks.

closed      all is well: what is due is sent
open        the CRM failed: nothing is sent until the wait is over
half-open   the wait is over: one small batch tries
"""

import datetime as dt
import enum

from sqlalchemy.orm import Session

from core.models.crm_line import THE_ONE, CrmLine


class State(enum.StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


def read(session: Session) -> CrmLine:
    """The line as it is known; one that was never used is well."""
    return session.get(CrmLine, THE_ONE) or CrmLine(
        id=THE_ONE, failures=0, reason="", dropped=0, differences=0, unknown=0
    )


def state(found: CrmLine, now: dt.datetime) -> State:
    if not found.failures:
        return State.CLOSED
    if found.failed_at is None or found.open_until is None:
        return State.HALF_OPEN
    # A clock that was set back since, as on a box that keeps no time while it is off, shall not
    # keep us waiting for hours.
    return State.OPEN if found.failed_at <= now < found.open_until else State.HALF_OPEN
