"""Permission to be online, on disk before the gate hears of it."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login
from core.models.member import Member


def running(session: Session, device: Device, now: dt.datetime) -> Grant | None:
    return session.scalar(
        sa.select(Grant)
        .where(Grant.device_id == device.id, Grant.ended_at.is_(None), Grant.expires_at > now)
        .order_by(Grant.expires_at.desc())
        .limit(1)
        .with_for_update()
    )


def give(
    session: Session,
    device: Device,
    login: Login,
    member: Member | None,
    *,
    lasts: dt.timedelta,
    now: dt.datetime,
) -> Grant:
    """Let `device` be online for `lasts`. Nothing opens before the gate is told.

    A grant that still runs is extended: a phone has one, not several.
    """
    grant = running(session, device, now)
    if grant is None:
        grant = Grant(device_id=device.id, started_at=now)
        session.add(grant)
    grant.login_id = login.id
    grant.member_id = member.id if member else None
    grant.expires_at = now + lasts
    session.flush()
    return grant
