"""Asks the web server in front of the portal what phones ask, to see whether it stands."""

import enum
import http.client
import ipaddress
import socket
import ssl
from urllib.parse import urlsplit

from core.settings import Settings
from portal.probes import Redirection

_WITHIN_S = 5.0
# Reserved (RFC 6761): nobody's name.
_FOREIGN = "doctor.invalid"
_PAGE = "/robots.txt"
_OK = 200
_REDIRECTED = 302


class FrontState(enum.Enum):
    STANDS = enum.auto()
    SILENT = enum.auto()
    """Nothing answers, or not as phones need it."""
    ALONE = enum.auto()
    """It stands, but the portal behind it does not answer."""


def redirects(found: Settings) -> bool:
    """Whether a phone that asks for somebody else's page is led to the portal."""
    answer = _ask(found, _FOREIGN, "/generate_204", secure=False)
    return answer == (_REDIRECTED, Redirection(found.portal.url).target)


def look(found: Settings) -> FrontState:
    try:
        if not redirects(found):
            return FrontState.SILENT
        url = urlsplit(Redirection(found.portal.url).target)
        status, _ = _ask(found, url.hostname or "", _PAGE, secure=url.scheme == "https")
    except (OSError, http.client.HTTPException):
        return FrontState.SILENT
    return FrontState.STANDS if status == _OK else FrontState.ALONE


def certificate(found: Settings) -> bytes:
    """The one that phones are shown (DER), whose file nobody but root can read.

    OSError if none is shown.
    """
    with _secure(found, urlsplit(found.portal.url).hostname or "") as connection:
        shown = connection.getpeercert(binary_form=True)
    if shown is None:
        raise ssl.SSLError("no certificate is shown")
    return shown


def _ask(found: Settings, host: str, path: str, *, secure: bool) -> tuple[int, str | None]:
    with _secure(found, host) if secure else _plain(found, found.front.http_port) as connection:
        asking = http.client.HTTPConnection(host)
        asking.sock = connection
        asking.request("GET", path, headers={"Host": host})
        answer = asking.getresponse()
        return answer.status, answer.getheader("Location")


def _plain(found: Settings, port: int) -> socket.socket:
    return socket.create_connection((address(found), port), _WITHIN_S)


def _secure(found: Settings, host: str) -> ssl.SSLSocket:
    # Whether phones trust the certificate is another question.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(_plain(found, found.front.https_port), server_hostname=host)


def address(found: Settings) -> str:
    """One of its addresses, as this machine reaches it."""
    ip = ipaddress.ip_address(found.front.addresses[0])
    return ("127.0.0.1" if ip.version == 4 else "::1") if ip.is_unspecified else str(ip)  # noqa: PLR2004 - IPv4
