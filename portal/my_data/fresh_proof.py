"""That whoever holds this phone has just shown whose account they ask about: by a code sent to
a number or mailbox, or by WeChat.

It is kept on the box and bound to the device: mini-browsers forget cookies, and a number may
have a new owner since the device's last login.
"""

import datetime as dt

from sqlalchemy.orm import Session

from core.account import Account
from core.members import dossier
from core.members.dossier import Dossier
from core.models import login as logins
from core.models.device import Device
from core.models.login import Login, LoginState, Serves
from core.sealing import Sealer
from portal.members import membership
from portal.ways import standing
from portal.ways.login import whose

LASTS = dt.timedelta(minutes=15)


def of(session: Session, device: Device, now: dt.datetime) -> Login | None:
    """The proof that holds now, if there is one."""
    login = standing.newest_login(session, device, Serves.MY_DATA)
    if login is None or not standing.is_verified(login, now) or login.verified_at is None:
        return None
    return login if now < login.verified_at + LASTS else None


def dossier_by(session: Session, sealer: Sealer, login: Login, now: dt.datetime) -> Dossier:
    """Everything of the person who made the proof `login`."""
    account = Account.opened(sealer, logins.ACCOUNT, login.sealed_account or b"")
    member = membership.find(session, sealer, membership.proof_of(sealer, login, now))
    return dossier.read(session, sealer, account, whose(login), member, devices={login.device_id})


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
