"""Guests who wait to be let in by somebody of the staff. No Flask."""

import dataclasses
import datetime as dt

import sqlalchemy as sa

from core.account import Account, AccountKind
from core.database import Database
from core.mac import Mac
from core.models import device as devices
from core.models import login as logins
from core.models import sponsor_request as requests
from core.models.device import Device
from core.models.login import Login, LoginState
from core.models.sponsor_request import Decision, SponsorRequest
from core.sealing import SealBrokenError, Sealer

HOURS = (1, 4, 8)


@dataclasses.dataclass(frozen=True, slots=True)
class GuestLine:
    request_id: int
    name: str
    match_number: str
    masked_mac: str
    since: dt.datetime


def waiting(database: Database, sealer: Sealer, now: dt.datetime) -> list[GuestLine]:
    """Who waits, the longest first."""
    wanted = (
        sa.select(SponsorRequest, Device.sealed_mac)
        .join(Login, Login.id == SponsorRequest.login_id)
        .join(Device, Device.id == Login.device_id)
        .where(
            SponsorRequest.decision.is_(None),
            SponsorRequest.asked_at > now - requests.LASTS,
            Login.state == LoginState.BEGUN,
        )
        .order_by(SponsorRequest.asked_at, SponsorRequest.id)
    )
    with database.reading() as session:
        rows = session.execute(wanted).all()
    return [_line(sealer, request, sealed_mac) for request, sealed_mac in rows]


def decide(
    database: Database,
    sealer: Sealer,
    number: int,
    user_name: str,
    *,
    hours: int | None,
    now: dt.datetime,
) -> int | None:
    """Let a guest in for so many hours, or refuse with None; the first who decides is right.

    Returns:
        The guest's login; None if it was decided before, or waits no longer.
    """
    with database.writing() as session:
        request = session.get(SponsorRequest, number, with_for_update=True)
        if request is None or request.decision or now >= request.asked_at + requests.LASTS:
            return None
        login = session.get_one(Login, request.login_id, with_for_update=True)
        if login.state is not LoginState.BEGUN:
            return None
        request.decided_at = now
        request.sealed_name = None
        if hours is None:
            request.decision = Decision.REFUSED
            login.state = LoginState.LOCKED
            return login.id
        request.decision = Decision.LET_IN
        request.minutes = hours * 60
        account = Account(AccountKind.SPONSOR, user_name)
        login.account_lookup = account.lookup(sealer)
        login.sealed_account = account.sealed(sealer, logins.ACCOUNT)
        login.state = LoginState.VERIFIED
        login.verified_at = now
        return login.id


def _line(sealer: Sealer, request: SponsorRequest, sealed_mac: bytes) -> GuestLine:
    try:
        name = sealer.open(requests.NAME, request.sealed_name or b"").decode()
    except SealBrokenError:
        name = ""
    mac = Mac(sealer.open(devices.MAC, sealed_mac)).masked()
    return GuestLine(request.id, name, request.match_number, mac, request.asked_at)
