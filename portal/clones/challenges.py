"""Asks again who is there, after a second device was noticed under one hardware address.

The phone goes offline at once, and its grant is put on hold, not ended: whoever enters a code
that is sent to the number behind it goes on where it stopped. Which of the two devices that
is cannot be seen. So a grant that is challenged too often is ended.
"""

import datetime as dt
import enum
from typing import Protocol

from sqlalchemy.orm import Session

from core import revocation, session_records
from core.database import Database
from core.mac import Mac
from core.models.grant import EndCause, Grant
from core.models.login import Login, LoginState
from core.sealing import Sealer
from core.session_records import Change
from portal import devices
from portal.access import grants


class Gate(Protocol):
    """What this needs of the gate's client. May raise `gate.client.GateError`."""

    def revoke(self, mac: str) -> None: ...


class Outcome(enum.Enum):
    NOTHING = enum.auto()
    """No grant that runs, or one that is on hold already."""
    CHALLENGED = enum.auto()
    ENDED = enum.auto()


def challenge(
    database: Database, sealer: Sealer, gate: Gate, mac: Mac, *, most: int, now: dt.datetime
) -> Outcome:
    """Stop a phone until its shopper enters a code; for good after `most` challenges.

    If the gate raises, nothing has changed on disk, and the phone may still be online.
    """
    with database.writing() as session:
        device = devices.find(session, sealer, mac)
        grant = grants.running(session, device, now) if device else None
        if grant is None or grant.challenged_at is not None:
            return Outcome.NOTHING
        is_last = grant.challenges >= most
        if not is_last:
            gate.revoke(mac.text())
            grant.challenged_at = now
            grant.challenges += 1
            session_records.changed(session, sealer, grant, Change.HELD, now)
    if is_last:
        revocation.revoke(database, sealer, gate, mac, cause=EndCause.CLONED, now=now)
        return Outcome.ENDED
    return Outcome.CHALLENGED


def lift(
    session: Session, sealer: Sealer, grant_id: int, login_id: int, now: dt.datetime
) -> Grant | None:
    """Take a grant off hold, now that `login_id` has proven the number again.

    Returns:
        The grant, or None if it has been ended meanwhile.
    """
    grant = session.get(Grant, grant_id, with_for_update=True)
    if grant is None or grant.ended_at is not None:
        return None
    grant.challenged_at = None
    # It has served its purpose: nothing is to follow from it, nor from its page sent again.
    session.get_one(Login, login_id).state = LoginState.ONLINE
    session_records.changed(session, sealer, grant, Change.FREED, now)
    return grant
