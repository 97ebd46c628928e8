"""Reads what FreeRADIUS passes on: a gateway's question or report, as JSON of its attributes.

    {"Calling-Station-Id": {"type": "string", "value": ["02-11-22-33-44-55"]}, …}

`Tmp-String-0` and `Tmp-Integer-0` are put there by our configuration: whose secret the packet was
made with, and its Event-Timestamp as a number.
"""

import dataclasses
import enum
import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gate import whereabouts
from gate.protocol import LARGEST_BYTES
from gate.shape import Counters
from gate.whereabouts import NOWHERE, Whereabouts

ONLINE_CLASS = "doorman-online-"
PORTAL_CLASS = "doorman-portal"

_FORMS = re.compile(
    r"[0-9a-f]{12}"
    r"|[0-9a-f]{2}(?::[0-9a-f]{2}){5}"
    r"|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}"
    r"|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}"
    r"|[0-9a-f]{4}(?:-[0-9a-f]{4}){2}",
    re.IGNORECASE,
)
# As FreeRADIUS writes the eight octets.
_INTERFACE = re.compile(r"[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){3}", re.IGNORECASE)
_HALF, _WHOLE = 64, 128
_GIGAWORD = 2**32
_MOST_32_BITS = 2**32 - 1
_MOST_KEY_LETTERS = 253


class WordsError(ValueError):
    """This is no packet of the kind. The message never repeats what was in it."""


class Kind(enum.StrEnum):
    START = "Start"
    INTERIM = "Interim-Update"
    STOP = "Stop"
    ON = "Accounting-On"
    OFF = "Accounting-Off"


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Phone:
    """A phone as one gateway speaks of it."""

    nas: str
    mac: str
    address: str
    """Its IP address, "" if the gateway did not say."""
    session: str
    """Acct-Session-Id, "" if there is none yet."""
    keys: Mapping[str, tuple[str, ...]]
    """The gateway's own words for phone and session, as an order has to repeat them."""
    whereabouts: Whereabouts = NOWHERE


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Report:
    """One Accounting-Request about one phone."""

    kind: Kind
    phone: Phone
    said_at: int
    """Seconds since 1970 by the gateway's clock, 0 if it did not say."""
    lasted_s: int | None
    counters: Counters
    label: str
    """The Class that we gave with the acceptance, "" if the gateway does not return it."""


def read_mac(text: str) -> str | None:
    """aa:bb:cc:dd:ee:ff of any form that gateways write, and of nothing else."""
    if not _FORMS.fullmatch(text):
        return None
    octets = bytes.fromhex(re.sub(r"[:.-]", "", text))
    return None if octets[0] & 1 or not any(octets) else octets.hex(":")


def read_access_point(text: str) -> str:
    """Its hardware address, before the network's name if that follows (RFC 3580, 3.20); "": none.

    What a gateway says instead cannot be told apart from it: some say their own address.
    """
    found = _FORMS.match(text)
    if found is None or text[found.end() :][:1] not in {"", ":"}:
        return ""
    return read_mac(found[0]) or ""


def read_object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise WordsError("no JSON") from None
    if not isinstance(found, dict):
        raise WordsError("no object")
    return found


def gateway(found: Mapping[str, Any]) -> str:
    return _text(found, "Tmp-String-0")


def question(found: Mapping[str, Any], keys: tuple[str, ...]) -> Phone:
    """Who asks to pass; WordsError if it is no phone's own hardware address.

    Users with passwords and 802.1X are none of ours: refused, whoever they are.
    """
    phone = _phone(found, keys)
    if "EAP-Message" in found or read_mac(_text(found, "User-Name")) != phone.mac:
        raise WordsError("User-Name is not the phone's own hardware address")
    return phone


def report_kind(found: Mapping[str, Any]) -> Kind:
    try:
        return Kind(_text(found, "Acct-Status-Type"))
    except ValueError:
        raise WordsError("Acct-Status-Type is none that is known") from None


def said_at(found: Mapping[str, Any]) -> int:
    """When the gateway says that it happened, 0 if it does not."""
    return _number(found, "Tmp-Integer-0") or 0


def report(found: Mapping[str, Any], keys: tuple[str, ...]) -> Report:
    phone = _phone(found, keys)
    if not phone.session:
        raise WordsError("Acct-Session-Id is missing")
    # "Input" is what came in at the gateway: what the phone sent.
    counters = Counters(_octets(found, "Input"), _octets(found, "Output"))
    return Report(
        report_kind(found),
        phone,
        said_at(found),
        _number(found, "Acct-Session-Time"),
        counters,
        _label(found),
    )


def _phone(found: Mapping[str, Any], keys: tuple[str, ...]) -> Phone:
    mac = read_mac(_text(found, "Calling-Station-Id"))
    if mac is None:
        raise WordsError("Calling-Station-Id is no hardware address")
    own = {key: _values(found, key) for key in keys}
    address = _ip(_text(found, "Framed-IP-Address"))
    access_point = read_access_point(_text(found, "Called-Station-Id"))
    return Phone(
        gateway(found),
        mac,
        address,
        _text(found, "Acct-Session-Id"),
        {key: values for key, values in own.items() if any(values)},
        whereabouts.read([address, *_ipv6_addresses(found)], access_point),
    )


def _values(found: Mapping[str, Any], name: str) -> tuple[str, ...]:
    held = found.get(name)
    values = held.get("value") if isinstance(held, dict) else None
    if not isinstance(values, list):
        return ()
    return tuple(str(each) for each in values if len(str(each)) <= _MOST_KEY_LETTERS)


def _text(found: Mapping[str, Any], name: str) -> str:
    values = _values(found, name)
    return values[0] if values else ""


def _number(found: Mapping[str, Any], name: str) -> int | None:
    text = _text(found, name)
    if not text.isdecimal() or not text.isascii():
        return None
    number = int(text)
    return number if number <= _MOST_32_BITS else None


def _octets(found: Mapping[str, Any], way: str) -> int:
    gigawords = _number(found, f"Acct-{way}-Gigawords") or 0
    octets = gigawords * _GIGAWORD + (_number(found, f"Acct-{way}-Octets") or 0)
    if octets > LARGEST_BYTES:
        raise WordsError(f"Acct-{way}-Gigawords is more than a phone can use")
    return octets


def _ip(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    return "" if address.is_unspecified else str(address)


def _ipv6_addresses(found: Mapping[str, Any]) -> Iterator[str]:
    """Whole ones (RFC 6911), or prefix and the phone's own part (RFC 3162)."""
    yield from _values(found, "Framed-IPv6-Address")
    own = _text(found, "Framed-Interface-Id")
    for prefix in _values(found, "Framed-IPv6-Prefix"):
        try:
            network = ipaddress.IPv6Network(prefix)
            part = int(ipaddress.IPv6Address(f"::{own}")) if _INTERFACE.fullmatch(own) else 0
        except ValueError:
            continue
        if network.prefixlen == _WHOLE or (network.prefixlen == _HALF and part):
            yield str(network[part if network.prefixlen == _HALF else 0])


def _label(found: Mapping[str, Any]) -> str:
    try:
        labels = [bytes.fromhex(value.removeprefix("0x")) for value in _values(found, "Class")]
    except ValueError:
        return ""
    ours = [each for each in labels if each.startswith(b"doorman-")]
    return ours[0].decode("ascii", "replace") if ours else ""
