"""Who is online now: whom the gate lets through, and what the grants say of it. No Flask.

A hardware address never leaves this module whole. Pages name a phone by its lookup, a
keyed hash that is of no use elsewhere.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Protocol

import sqlalchemy as sa

from core import revocation
from core.account import Account
from core.database import Database
from core.mac import Mac
from core.models import device as devices
from core.models import login as logins
from core.models.device import Device
from core.models.grant import EndCause, Grant
from core.models.login import Login
from core.models.member import Member
from core.sealing import SealBrokenError, Sealer
from gate.client import Online

PAGE_LENGTH = 200


class Gate(Protocol):
    """What the dashboard needs of the gate's client. Each may raise GateError."""

    def revoke(self, mac: str) -> None: ...
    def online(self) -> Mapping[str, Online]: ...


@dataclasses.dataclass(frozen=True, slots=True)
class OnlineLine:
    """One device that may pass."""

    key: str
    masked_mac: str
    masked_account: str | None
    """None if no grant is known, or the number does not open."""
    is_member: bool
    since: dt.datetime | None
    """None if no grant is known: somebody told the gate by hand."""
    until: dt.datetime
    bytes_up: int
    """Since then, as jobs has counted some seconds ago. As the gate counts, without a grant."""
    bytes_down: int


@dataclasses.dataclass(frozen=True, slots=True)
class OnlinePage:
    lines: tuple[OnlineLine, ...]
    count: int
    """Of all."""
    number: int
    pages: int
    challenged: int
    """Offline until their shoppers enter a code again: another device used their address."""


def page(
    database: Database, sealer: Sealer, gate: Gate, now: dt.datetime, number: int = 1
) -> OnlinePage:
    """Who is online, newest first: page `number`, from 1, or the last if there are fewer.

    GateError: the gate does not say.
    """
    online = {Mac.parse(mac): each for mac, each in gate.online().items()}
    known = _running(database, now)
    found = [(mac, each, known.get(_lookup(sealer, mac))) for mac, each in online.items()]
    found.sort(key=lambda row: row[2].grant.started_at if row[2] else now, reverse=True)
    pages = max(-(-len(found) // PAGE_LENGTH), 1)
    number = min(max(number, 1), pages)
    shown = found[(number - 1) * PAGE_LENGTH : number * PAGE_LENGTH]
    lines = tuple(_line(sealer, *row, now) for row in shown)
    return OnlinePage(lines, len(found), number, pages, _challenged(database, now))


def cut(database: Database, sealer: Sealer, gate: Gate, key: str, now: dt.datetime) -> bool:
    """Stop the device that a line's key names; False if nobody is known by it.

    GateError: it may still be online, and its grant runs.
    """
    mac = _find(database, sealer, gate, key)
    if mac is None:
        return False
    revocation.revoke(database, sealer, gate, mac, cause=EndCause.REVOKED, now=now)
    return True


def member_of(database: Database, key: str) -> str | None:
    """The public id of the member on whose grant this device is online, if it is one's."""
    try:
        lookup = bytes.fromhex(key)
    except ValueError:
        return None
    wanted = (
        sa.select(Member.public_id)
        .join(Grant, Grant.member_id == Member.id)
        .join(Device, Device.id == Grant.device_id)
        .where(Device.lookup == lookup, Grant.ended_at.is_(None))
        .order_by(Grant.id.desc())
    )
    with database.reading() as session:
        return session.scalars(wanted).first()


@dataclasses.dataclass(frozen=True, slots=True)
class _Known:
    grant: Grant
    sealed_account: bytes | None


def _running(database: Database, now: dt.datetime) -> dict[bytes, _Known]:
    """Every grant that runs, by the lookup of its device."""
    wanted = (
        sa.select(Device.lookup, Grant, Login.sealed_account)
        .join(Device, Device.id == Grant.device_id)
        .join(Login, Login.id == Grant.login_id)
        .where(Grant.ended_at.is_(None), Grant.expires_at > now)
    )
    with database.reading() as session:
        return {
            lookup: _Known(grant, sealed_account)
            for lookup, grant, sealed_account in session.execute(wanted)
        }


def _challenged(database: Database, now: dt.datetime) -> int:
    wanted = sa.select(sa.func.count()).where(
        Grant.challenged_at.is_not(None), Grant.ended_at.is_(None), Grant.expires_at > now
    )
    with database.reading() as session:
        return session.scalar(wanted) or 0


def _line(
    sealer: Sealer, mac: Mac, online: Online, known: _Known | None, now: dt.datetime
) -> OnlineLine:
    return OnlineLine(
        key=_lookup(sealer, mac).hex(),
        masked_mac=mac.masked(),
        masked_account=_masked_account(sealer, known.sealed_account) if known else None,
        is_member=known is not None and known.grant.member_id is not None,
        since=known.grant.started_at if known else None,
        until=now + dt.timedelta(seconds=online.seconds_left),
        bytes_up=known.grant.bytes_up if known else online.bytes_up,
        bytes_down=known.grant.bytes_down if known else online.bytes_down,
    )


def _masked_account(sealer: Sealer, sealed: bytes | None) -> str | None:
    if sealed is None:
        return None
    try:
        return Account.opened(sealer, logins.ACCOUNT, sealed).masked()
    except SealBrokenError:
        return None


def _find(database: Database, sealer: Sealer, gate: Gate, key: str) -> Mac | None:
    try:
        lookup = bytes.fromhex(key)
    except ValueError:
        return None
    for mac in map(Mac.parse, gate.online()):
        if _lookup(sealer, mac) == lookup:
            return mac
    # The gate may have forgotten it, but while its grant runs it would be let in again.
    with database.reading() as session:
        sealed = session.scalar(sa.select(Device.sealed_mac).where(Device.lookup == lookup))
    try:
        return Mac(sealer.open(devices.MAC, sealed)) if sealed else None
    except SealBrokenError:
        return None


def _lookup(sealer: Sealer, mac: Mac) -> bytes:
    return sealer.lookup("mac", mac.octets)
