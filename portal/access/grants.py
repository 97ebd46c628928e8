"""Permission to be online, on disk before the gate hears of it."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import revocation, session_records
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login
from core.models.member import Member
from core.models.temporary_pass import PassEnd
from core.sealing import Sealer
from core.session_records import Change
from portal.access.plan import Plan


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
    sealer: Sealer,
    device: Device,
    login: Login,
    member: Member | None,
    *,
    plan: Plan,
    now: dt.datetime,
) -> Grant:
    """Let `device` be online as `plan` measures it. Nothing opens before the gate is told.

    A grant that still runs is measured anew, from now: a phone has one, not several.
    It takes the place of a temporary pass.
    """
    revocation.end_passes(session, sealer, [device.id], cause=PassEnd.LOGGED_IN, now=now)
    grant = running(session, device, now)
    is_new = grant is None
    if grant is None:
        grant = Grant(
            device_id=device.id, login_id=login.id, started_at=now, bytes_up=0, bytes_down=0
        )
        grant.expires_at = now + plan.lasts
        session.add(grant)
    grant.login_id = login.id
    grant.member_id = member.id if member else None
    grant.expires_at = now + plan.lasts
    grant.extension_s = int(plan.lasts.total_seconds())
    grant.extensions_left = plan.extensions
    grant.idle_timeout_s = plan.idle_timeout_s
    grant.quota_bytes = plan.quota_bytes and grant.bytes_up + grant.bytes_down + plan.quota_bytes
    grant.down_kbit_s = plan.down_kbit_s
    grant.up_kbit_s = plan.up_kbit_s
    session.flush()
    if is_new:
        session_records.granted(session, sealer, grant, now)
    else:
        session_records.changed(session, sealer, grant, Change.LOGIN, now)
    return grant


def bytes_left(grant: Grant) -> int | None:
    """What the grant may still send and receive, as far as it has been counted; None: no limit."""
    if not grant.quota_bytes:
        return None
    return max(grant.quota_bytes - grant.bytes_up - grant.bytes_down, 0)


def may_extend(grant: Grant, now: dt.datetime) -> bool:
    """Whether a tap makes this grant longer: in the second half of what it was last given.

    Earlier, a tap by mistake, or a form sent twice, would use up what is wanted later. One on
    hold is not: the gate would stay shut.
    """
    left_s = (grant.expires_at - now).total_seconds()
    is_late = 0 < left_s <= grant.extension_s / 2
    return grant.challenged_at is None and grant.extensions_left > 0 and is_late


def extend(session: Session, sealer: Sealer, grant_id: int, now: dt.datetime) -> Grant | None:
    """Make a grant longer, if it may be; whoever asks twice at once gets it once."""
    grant = session.get(Grant, grant_id, with_for_update=True)
    if grant is None or grant.ended_at is not None or not may_extend(grant, now):
        return None
    grant.extensions_left -= 1
    grant.expires_at += dt.timedelta(seconds=grant.extension_s)
    session_records.changed(session, sealer, grant, Change.EXTENDED, now)
    return grant
