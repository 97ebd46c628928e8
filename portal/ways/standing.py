"""Where a phone stands on its way online. It is read from the database on every page:
a phone's mini-browser forgets its cookies whenever its owner looks at a text message.
"""

import dataclasses
import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.mac import Mac
from core.models import sponsor_request
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login, LoginState, LoginWay, Serves
from core.sealing import Sealer
from portal import devices

# How long a login may take, from the number to the code; and again from there to the end.
UNFINISHED_LASTS = dt.timedelta(minutes=30)


class Stage(enum.StrEnum):
    PHONE = "phone"
    WECHAT = "wechat"
    """Away at WeChat."""
    CODE = "code"
    WAITING = "waiting"
    """For somebody of the staff to let them in."""
    CONSENT = "consent"
    CONNECT = "connect"
    """All is agreed and on disk, but the gate has not confirmed yet: still offline."""
    CHALLENGE = "challenge"
    """The grant is on hold, and no code is awaited yet."""
    ONLINE = "online"


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    stage: Stage
    device: Device | None = None
    login: Login | None = None
    """The login that the stage is about."""
    grant: Grant | None = None
    """The one that runs, if any."""
    last_grant: Grant | None = None
    """The newest one, at the first stage alone: why there is no other is told there."""


# Statements of every page are built once: to build one takes longer than to ask it.
_RUNNING = (
    sa.select(Device, Grant, Login)
    .outerjoin(
        Grant,
        sa.and_(
            Grant.device_id == Device.id,
            Grant.ended_at.is_(None),
            Grant.expires_at > sa.bindparam("now"),
        ),
    )
    .outerjoin(Login, Login.id == Grant.login_id)
    .where(Device.lookup == sa.bindparam("lookup"))
    .order_by(Grant.expires_at.desc())
    .limit(1)
)
_NEWEST_LOGIN = (
    sa.select(Login)
    .where(Login.device_id == sa.bindparam("device"), Login.serves == sa.bindparam("serves"))
    .order_by(Login.started_at.desc(), Login.id.desc())
    .limit(1)
)


def of(session: Session, sealer: Sealer, mac: Mac, now: dt.datetime) -> Standing:
    asked = {"lookup": devices.lookup(sealer, mac), "now": now}
    found = session.execute(_RUNNING, asked).one_or_none()
    if found is None:
        return Standing(Stage.PHONE)
    device, grant, behind = found
    if grant is not None:
        if grant.challenged_at is not None:
            return _challenged(session, device, grant, behind, now)
        stage = Stage.ONLINE if behind.state is LoginState.ONLINE else Stage.CONNECT
        return Standing(stage, device, behind, grant)
    login = newest_login(session, device)
    stage = _stage_of(login, now)
    last = _newest_grant(session, device) if stage is Stage.PHONE else None
    return Standing(stage, device, login, last_grant=last)


def _newest_grant(session: Session, device: Device) -> Grant | None:
    return session.scalar(
        sa.select(Grant)
        .where(Grant.device_id == device.id)
        .order_by(Grant.expires_at.desc(), Grant.id.desc())
        .limit(1)
    )


def _challenged(
    session: Session, device: Device, grant: Grant, behind: Login, now: dt.datetime
) -> Standing:
    """Where a phone stands whose grant is on hold."""
    login = newest_login(session, device)
    answers = login and grant.challenged_at and login.started_at >= grant.challenged_at
    if login and answers and is_pending(login, now):
        return Standing(Stage.CODE, device, login, grant)
    return Standing(Stage.CHALLENGE, device, behind, grant)


def newest_login(
    session: Session, device: Device, serves: Serves = Serves.INTERNET
) -> Login | None:
    """The login that counts. Who means to change it holds the device's mutex."""
    return session.scalar(_NEWEST_LOGIN, {"device": device.id, "serves": serves})


def is_pending(login: Login, now: dt.datetime) -> bool:
    """Whether a code is being waited for."""
    return login.state is LoginState.CODE_SENT and now < login.started_at + UNFINISHED_LASTS


def is_waiting(login: Login, now: dt.datetime) -> bool:
    """Whether a guest waits for the staff."""
    return (
        login.way is LoginWay.SPONSOR
        and login.state is LoginState.BEGUN
        and now < login.started_at + sponsor_request.LASTS
    )


def is_verified(login: Login, now: dt.datetime) -> bool:
    """Whether the number is proven and only the consents are missing."""
    return (
        login.state is LoginState.VERIFIED
        and login.verified_at is not None
        and now < login.verified_at + UNFINISHED_LASTS
    )


def is_away(login: Login, now: dt.datetime) -> bool:
    """Whether WeChat has still to say who it is."""
    return _is_begun_by_wechat(login, now) and login.sealed_keys is None


def needs_number(login: Login, now: dt.datetime) -> bool:
    """Whether WeChat has said who it is, and the number that the law wants is missing."""
    return _is_begun_by_wechat(login, now) and login.sealed_keys is not None


def _is_begun_by_wechat(login: Login, now: dt.datetime) -> bool:
    is_begun = login.way is LoginWay.WECHAT and login.state is LoginState.BEGUN
    return is_begun and now < login.started_at + UNFINISHED_LASTS


def _stage_of(login: Login | None, now: dt.datetime) -> Stage:
    if login is not None and is_away(login, now):
        return Stage.WECHAT
    if login is not None and is_pending(login, now):
        return Stage.CODE
    if login is not None and is_waiting(login, now):
        return Stage.WAITING
    if login is not None and is_verified(login, now):
        return Stage.CONSENT
    return Stage.PHONE
