"""That whoever holds this phone has just shown whose account they ask about: by a code sent to
a number or mailbox, or by WeChat.

It is kept on the box and bound to the device: mini-browsers forget cookies, and a number may
have a new owner since the device's last login.
"""

import datetime as dt

from sqlalchemy.orm import Session

from core.models.device import Device
from core.models.login import Login, LoginState, Serves
from portal.ways import standing

LASTS = dt.timedelta(minutes=15)


def of(session: Session, device: Device, now: dt.datetime) -> Login | None:
    """The proof that holds now, if there is one."""
    login = standing.newest_login(session, device, Serves.MY_DATA)
    if login is None or not standing.is_verified(login, now) or login.verified_at is None:
        return None
    return login if now < login.verified_at + LASTS else None


def awaited(session: Session, device: Device, serves: Serves, now: dt.datetime) -> Login | None:
    """The login whose code is waited for, if one is."""
    login = standing.newest_login(session, device, serves)
    return login if login is not None and standing.is_pending(login, now) else None


def away(session: Session, device: Device, now: dt.datetime) -> Login | None:
    """The login of which WeChat has still to say whose it is, if there is one."""
    login = standing.newest_login(session, device, Serves.MY_DATA)
    return login if login is not None and standing.is_away(login, now) else None


def end(session: Session, device: Device) -> None:
    """From now on nothing is shown on this device, and nothing is waited for."""
    for serves in set(Serves) - {Serves.INTERNET}:
        login = standing.newest_login(session, device, serves)
        if login is not None:
            login.state = LoginState.LOCKED
            login.code_hash = login.sealed_code = login.sealed_offer = None
