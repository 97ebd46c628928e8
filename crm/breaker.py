"""Leaves a CRM alone that is down: a circuit breaker, with its state in the database.

The first failure opens it, since a CRM that is down is down for all events: there is nothing to
count up to. After the wait one small batch tries; if the CRM answers, it is closed, and if not,
open again, for longer. `Retry-After` is part of the wait (`crm.backoff`), so that there is one
rule and not two. The state survives a restart, and every process that shares the database goes
by it (`core.crm_line`).
"""

import datetime as dt

from sqlalchemy.orm import Session

from core import crm_line
from core.models.crm_line import CrmLine


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
    return session.merge(crm_line.read(session))
