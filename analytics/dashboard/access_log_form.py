"""Reads what the police ask for, as it was typed, or says which field is wrong. No Flask."""

import dataclasses
import datetime as dt
import ipaddress
import zoneinfo
from collections.abc import Callable, Mapping
from typing import TypeVar

from access_log.requests import Wanted
from core.mac import InvalidMacError, Mac
from core.phone_number import InvalidPhoneNumberError, PhoneNumber

LONGEST = {"officer": 120, "reason": 200, "phone": 40, "mac": 40, "public": 45, "public_port": 5}
# Everybody's sessions are held in memory for the file; one person's are few.
_EVERYBODY = dt.timedelta(days=7)
_ONE = dt.timedelta(days=400)
_HIGHEST_PORT = 65535

_T = TypeVar("_T")


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class AccessLogForm:
    typed: Mapping[str, str]
    faults: Mapping[str, str]
    """By field: the key of a text, `access_log.wrong_<fault>`."""
    wanted: Wanted | None
    """None: something is wrong."""


def read(
    form: Mapping[str, str], zone: zoneinfo.ZoneInfo, countries: tuple[str, ...]
) -> AccessLogForm:
    typed = {name: value.strip() for name, value in form.items()}
    faults: dict[str, str] = {}
    _look_at_texts(typed, faults)
    since = _parsed(typed, faults, "since", lambda text: _moment(text, zone))
    until = _parsed(typed, faults, "until", lambda text: _moment(text, zone))
    phone = _parsed(typed, faults, "phone", lambda text: PhoneNumber.parse(text, countries).e164())
    mac = _parsed(typed, faults, "mac", lambda text: Mac.parse(text).text())
    public = _parsed(typed, faults, "public", lambda text: str(ipaddress.ip_address(text)))
    port = _parsed(typed, faults, "public_port", _port)
    longest = _ONE if phone or mac else _EVERYBODY
    if since and until and not dt.timedelta() <= until - since <= longest:
        faults.setdefault("until", "span")
    if (public is None) != (port is None):
        faults.setdefault("public_port", "together")
    if public is not None and mac is not None:
        faults.setdefault("mac", "not_both")
    if faults or since is None or until is None:
        return AccessLogForm(typed, faults, None)
    wanted = Wanted(
        officer=typed["officer"],
        reason=typed["reason"],
        since=since,
        until=until,
        phone=phone,
        mac=mac,
        public=public,
        public_port=port,
    )
    return AccessLogForm(typed, faults, wanted)


def _look_at_texts(typed: Mapping[str, str], faults: dict[str, str]) -> None:
    for name in ("officer", "reason", "since", "until"):
        if not typed.get(name):
            faults[name] = "empty"
    for name, longest in LONGEST.items():
        if len(typed.get(name, "")) > longest:
            faults[name] = "long"


def _parsed(
    typed: Mapping[str, str], faults: dict[str, str], name: str, parse: Callable[[str], _T]
) -> _T | None:
    text = typed.get(name)
    if not text or name in faults:
        return None
    try:
        return parse(text)
    except (ValueError, OverflowError, InvalidPhoneNumberError, InvalidMacError):
        faults[name] = name
        return None


def _moment(text: str, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """As a browser sends it, by the store's clock."""
    found = dt.datetime.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError("a time of the store's needs no zone")
    return found.replace(tzinfo=zone).astimezone(dt.UTC)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= _HIGHEST_PORT:
        raise ValueError("no port")
    return port
