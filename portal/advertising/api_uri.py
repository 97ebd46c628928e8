"""The one URI that phones are told (RFC 8910): where it leads, and whether it may be told."""

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import urlsplit

PATH = "/captive-portal/api"
_HTTPS_PORT = 443
# What the DHCP options have room for.
_LONGEST = 255
# Of what RFC 3986 allows, less the comma: to dnsmasq it would begin a second value.
_FIT = re.compile(r"[A-Za-z0-9\-._~:/@!$&'()*+;=%]+")

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


class ApiUriError(ValueError):
    """`portal.url` gives no URI that phones may be told; the message says what to mend."""


class ApiUri(NamedTuple):
    text: str
    host: str
    port: int
    path: str


def of_portal(portal_url: str) -> ApiUri:
    text = portal_url.rstrip("/") + PATH
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or _HTTPS_PORT
    except ValueError:
        raise ApiUriError("it is no URL") from None
    if parts.scheme != "https":
        raise ApiUriError("phones ask the API over https alone")
    if _is_address(host):
        raise ApiUriError("phones ask an API with a name, not with an address")
    if not _FIT.fullmatch(text) or parts.username is not None:
        raise ApiUriError("only letters, digits and plain signs may be in it")
    if len(text) > _LONGEST:
        raise ApiUriError(f"with {PATH} it may have {_LONGEST} characters at most")
    return ApiUri(text, host, port, parts.path)


def name_of(portal_url: str) -> str:
    """The name that phones ask for, whether or not they are told of the API; "": an address."""
    host = urlsplit(portal_url).hostname or ""
    return host if _NAME.fullmatch(host) and not _is_address(host) else ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # 127.1 and 2130706433 are addresses to a browser, too: no name ends in a number.
        return host.rpartition(".")[2].isdigit()
    return True
