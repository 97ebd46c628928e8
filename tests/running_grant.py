"""Puts a phone that is online into a database, as the portal would have."""

import datetime as dt

from core.account import Account, AccountKind
from core.models import device as devices
from core.models import login as logins
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login, LoginState, LoginWay

LASTS = dt.timedelta(hours=4)


def give(database, sealer, mac, since, *, phone="+8613800138000", member_id=None, **measures):
    """A grant of four hours from `since`; the number of its row. `measures` are columns of it."""
    with database.writing() as session:
        return add(session, sealer, mac, since, phone=phone, member_id=member_id, **measures)


def device_of(session, sealer, mac, seen_at):
    """The number of its row."""
    device = Device(
        lookup=sealer.lookup("mac", mac.octets),
        sealed_mac=sealer.seal(devices.MAC, mac.octets),
        randomised=mac.is_randomised,
        first_seen_at=seen_at,
        last_seen_at=seen_at,
    )
    session.add(device)
    session.flush()
    return device.id


def add(session, sealer, mac, since, *, phone="+8613800138000", member_id=None, **measures):
    device_id = device_of(session, sealer, mac, since)
    login = Login(
        device_id=device_id,
        state=LoginState.ONLINE,
        way=LoginWay.SMS,
        language="zh",
        account_lookup=sealer.lookup("phone", phone.encode()),
        sealed_account=Account(AccountKind.PHONE, phone).sealed(sealer, logins.ACCOUNT),
        started_at=since,
        terms_accepted_at=since,
        verified_at=since,
    )
    session.add(login)
    session.flush()
    grant = Grant(
        device_id=device_id,
        login_id=login.id,
        member_id=member_id,
        started_at=since,
        expires_at=since + LASTS,
        **measures,
    )
    session.add(grant)
    session.flush()
    return grant.id
