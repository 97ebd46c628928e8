"""What the access log says of a grant or temporary pass that begins, changes or ends.

Each row is complete by itself: whoever reads the end of a session needs no other. Where
its personal fields do not open, because their key is lost, the row says nothing in their place:
a session must not go on because of that.
"""

import datetime as dt
import enum
import json
from collections.abc import Sequence
from typing import Any

import ulid
from sqlalchemy.orm import Session

from core import access_records
from core.access_records import Draft
from core.account import Account, AuthLevel
from core.models import device as devices
from core.models import login as logins
from core.models.access_record import Kind
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login
from core.models.temporary_pass import TemporaryPass
from core.sealing import SealBrokenError, Sealer


class Change(enum.StrEnum):
    LOGIN = "login"
    """Another login, and perhaps another account and plan."""
    EXTENDED = "extended"
    HELD = "held"
    """Offline until a code is entered: another device uses its address."""
    FREED = "freed"
    RESTORED = "restored"
    """Let in again: the gate had forgotten it, or knew less. It may have been offline."""
    ADDRESS = "address"
    """It is found under an IP address that was not written down for it yet."""


def granted(session: Session, sealer: Sealer, grant: Grant, now: dt.datetime) -> None:
    _note_grant(session, sealer, Kind.GRANTED, grant, now)


def changed(
    session: Session,
    sealer: Sealer,
    grant: Grant,
    change: Change,
    now: dt.datetime,
    *,
    addresses: list[str] | None = None,
    point: Sequence[str] | None = None,
) -> None:
    """`point`: by which port of the box it is heard, and the access point's address if known."""
    more: dict[str, object] = {"addresses": addresses} if addresses else {}
    more |= {"point": list(point)} if point else {}
    _note_grant(session, sealer, Kind.CHANGED, grant, now, change=change, **more)


def ended(session: Session, sealer: Sealer, grant: Grant, now: dt.datetime) -> None:
    """That it has ended, as the grant itself says by now."""
    _note_grant(session, sealer, Kind.ENDED, grant, now, **_end(grant))


def pass_given(session: Session, sealer: Sealer, given: TemporaryPass, now: dt.datetime) -> None:
    _note_pass(session, sealer, Kind.PASS_GIVEN, given, now)


def pass_ended(session: Session, sealer: Sealer, given: TemporaryPass, now: dt.datetime) -> None:
    _note_pass(session, sealer, Kind.PASS_ENDED, given, now, **_end(given))


def pass_found(
    session: Session,
    sealer: Sealer,
    given: TemporaryPass,
    now: dt.datetime,
    *,
    addresses: list[str],
    point: Sequence[str] | None = None,
) -> None:
    """The IP addresses of a phone with a pass, and where it is heard."""
    said: dict[str, object] = {"change": Change.ADDRESS, "addresses": addresses}
    said |= {"point": list(point)} if point else {}
    _note_pass(session, sealer, Kind.CHANGED, given, now, **said)


def _note_grant(
    session: Session,
    sealer: Sealer,
    kind: Kind,
    grant: Grant,
    now: dt.datetime,
    **more: object,
) -> None:
    device, login = session.get_one(Device, grant.device_id), session.get_one(Login, grant.login_id)
    body = _run(grant) | _phone(sealer, device) | _account(sealer, login) | more
    body |= {"up": grant.bytes_up or 0, "down": grant.bytes_down or 0}
    draft = Draft(kind, now, body, grant.session_id, login.account_lookup, device.lookup)
    access_records.note(session, sealer, draft)


def _note_pass(
    session: Session,
    sealer: Sealer,
    kind: Kind,
    given: TemporaryPass,
    now: dt.datetime,
    **more: object,
) -> None:
    device = session.get_one(Device, given.device_id)
    of_pass = {"pass": given.kind, "level": AuthLevel.NONE}
    body = _run(given) | _phone(sealer, device) | of_pass | more
    draft = Draft(kind, now, body, given.session_id, None, device.lookup)
    access_records.note(session, sealer, draft)


def _run(each: Grant | TemporaryPass) -> dict[str, object]:
    if each.session_id is None:
        each.session_id = str(ulid.ULID())
    return {"from": _moment(each.started_at), "until": _moment(each.expires_at)}


def _end(each: Grant | TemporaryPass) -> dict[str, object]:
    return {"to": _moment(each.ended_at), "cause": each.end_cause}


def _phone(sealer: Sealer, device: Device) -> dict[str, object]:
    mac = _opened(sealer, devices.MAC, device.sealed_mac)
    return {"mac": mac.hex(":") if mac else None}


def _account(sealer: Sealer, login: Login) -> dict[str, object]:
    account = _account_of(sealer, login.sealed_account)
    said: dict[str, object] = {
        "way": login.way,
        "level": account.level if account else None,
        "account": [account.kind, account.value] if account else None,
        "proven": _moment(login.number_proven_at or login.verified_at),
    }
    keys = _opened(sealer, logins.KEYS, login.sealed_keys)
    return said | ({"keys": json.loads(keys)} if keys else {})


def _account_of(sealer: Sealer, sealed: bytes | None) -> Account | None:
    try:
        return Account.opened(sealer, logins.ACCOUNT, sealed) if sealed else None
    except SealBrokenError:
        return None


def _opened(sealer: Sealer, place: str, sealed: bytes | None) -> Any:
    try:
        return sealer.open(place, sealed) if sealed else None
    except SealBrokenError:
        return None


def _moment(at: dt.datetime | None) -> str | None:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds") if at else None
