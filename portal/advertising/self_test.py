"""Asks the Captive Portal API as a phone would, on this machine: does it do what phones need?

By the name in `portal.url`, but at an address of this machine: no resolver has a part in it.
What is demanded is what the strictest phone demands (RFC 8908, and Android's code): TLS with a
chain that verifies, status 200 without a redirect, the type `application/captive+json`, 4096
bytes at most, an object with `captive` and an https `user-portal-url`, all within 3 seconds.
"""

import datetime as dt
import http.client
import io
import json
import socket
import ssl
import time
from typing import Any

from portal.advertising import tls
from portal.advertising.api_uri import ApiUri
from portal.advertising.fault import Fault, UnfitError

_WITHIN_S = 3.0
_LONGEST_BODY = 4096
# Headers and body: more is not read.
_LONGEST_ANSWER = 16384
_TYPE = "application/captive+json"


def examine(uri: ApiUri, address: str, now: dt.datetime, margin: dt.timedelta) -> None:
    """Ask at one address. UnfitError says why phones must not be told of the API."""
    deadline = time.monotonic() + _WITHIN_S
    try:
        with socket.create_connection((address, uri.port), timeout=_WITHIN_S) as connection:
            raw = _ask(connection, uri, now, margin, deadline)
    except TimeoutError as error:
        raise UnfitError(Fault.TOO_SLOW) from error
    except ssl.SSLError as error:
        raise UnfitError(tls.fault_of(error)) from error
    except OSError as error:
        raise UnfitError(Fault.UNREACHABLE) from error
    check_answer(raw)


def _ask(
    connection: socket.socket,
    uri: ApiUri,
    now: dt.datetime,
    margin: dt.timedelta,
    deadline: float,
) -> bytes:
    connection.settimeout(_left_s(deadline))
    with tls.context().wrap_socket(connection, server_hostname=uri.host) as secure:
        tls.check(secure.getpeercert() or {}, now, margin)
        secure.sendall(
            f"GET {uri.path} HTTP/1.1\r\n"
            f"Host: {_host_header(uri)}\r\n"
            f"Accept: {_TYPE}\r\n"
            "User-Agent: doorman-self-test\r\n"
            "Connection: close\r\n\r\n".encode("ascii")
        )
        raw = b""
        while len(raw) <= _LONGEST_ANSWER:
            secure.settimeout(_left_s(deadline))
            part = secure.recv(_LONGEST_ANSWER)
            if not part:
                return raw
            raw += part
    raise UnfitError(Fault.TOO_LONG)


def _left_s(deadline: float) -> float:
    return max(0.001, deadline - time.monotonic())


def _host_header(uri: ApiUri) -> str:
    return uri.host if uri.port == http.client.HTTPS_PORT else f"{uri.host}:{uri.port}"


def check_answer(raw: bytes) -> None:
    """The whole answer, as it came over the connection."""
    try:
        answer = http.client.HTTPResponse(_Heard(raw))  # type: ignore[arg-type]  # reads only
        answer.begin()
        body = answer.read()
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise UnfitError(Fault.NOT_HTTP) from error
    if answer.status != http.client.OK:
        raise UnfitError(Fault.NOT_OK)
    if answer.headers.get_content_type() != _TYPE:
        raise UnfitError(Fault.WRONG_TYPE)
    if len(body) > _LONGEST_BODY:
        raise UnfitError(Fault.TOO_LONG)
    _check_members(body)


def _check_members(body: bytes) -> None:
    try:
        members: Any = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UnfitError(Fault.NOT_JSON) from error
    if not isinstance(members, dict):
        raise UnfitError(Fault.NOT_JSON)
    if not isinstance(members.get("captive"), bool):
        raise UnfitError(Fault.NO_CAPTIVE)
    portal_url = members.get("user-portal-url")
    if not isinstance(portal_url, str) or not portal_url.startswith("https://"):
        raise UnfitError(Fault.NO_PORTAL_URL)


class _Heard:
    """Stands where the standard library expects a socket to read from."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._raw)
