"""How long traffic that is hardly any may wait to be charged.

A page of flash memory is written for each few phones, and in a full shop all of them send a
little all the time. What waits is the grant's under which it came, and waits no longer once
that has ended.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.grant import Grant
from portal.access.metering import Traffic

PATIENCE = dt.timedelta(minutes=5)
_LITTLE = 1 << 20
_SHARE_OF_SILENCE = 4


def wait(session: Session, patience: dt.timedelta) -> dt.timedelta:
    """Of who is sent away after a silence, no more than a quarter of the shortest."""
    shortest = shortest_silence(session) if patience else None
    return patience if shortest is None else min(patience, shortest / _SHARE_OF_SILENCE)


def shortest_silence(session: Session) -> dt.timedelta | None:
    """After which a grant that runs may end; None if none ends by that."""
    seconds = session.scalar(
        sa.select(sa.func.min(Grant.idle_timeout_s)).where(
            Grant.ended_at.is_(None), Grant.idle_timeout_s > 0
        )
    )
    return None if seconds is None else dt.timedelta(seconds=seconds)


def split(traffic: Traffic) -> tuple[Traffic, Traffic]:
    """What may have waited of it, and the rest."""
    waited = Traffic(min(traffic.up, _LITTLE), min(traffic.down, _LITTLE))
    return waited, Traffic(traffic.up - waited.up, traffic.down - waited.down)


def is_little(before: Traffic, now: Traffic) -> bool:
    """Also what has restarted is not: it is charged at once."""
    return 0 <= now.up - before.up < _LITTLE and 0 <= now.down - before.down < _LITTLE
