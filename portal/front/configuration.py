"""The whole configuration of nginx in front of the portal. Pure but for its templates.

nginx holds on to slow and half-open clients, ends TLS, and answers foreign requests by
itself, with what `portal.probes` says. It wakes the portal for the portal's own name, and
for what Apple's phones ask.
"""

import functools
import ipaddress
import re
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from core import request_id
from core.settings import Settings
from core.texts import Texts, tag
from portal.front import caller
from portal.probes import APPLE_AGENT, PROBES, Redirection

# What the portal reads of a request. Nothing else reaches it.
PASSED_HEADERS = (
    "Accept",
    "Accept-Language",
    "Content-Type",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Sec-Fetch-Site",
    "User-Agent",
)

# Also, where a phone's address is worth nothing (`portal.behind_nat`).
_TICKET_HEADER = "Cookie"

_RETRY_AFTER_S = 10
_NAME = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]")
_PORTS = {"http": 80, "https": 443}
# nginx would read a variable, and knows no way to write the sign itself.
_UNQUOTABLE = re.compile(r"[$\x00-\x09\x0b-\x1f\x7f]")
_LONGEST_SOCKET = 107


class FrontError(ValueError):
    """A setting that no configuration can be made with; the message names it."""


def write(found: Settings, texts: Texts, *, staples: bool = False) -> str:
    """What nginx is started with.

    Args:
        found: the settings.
        texts: the portal's.
        staples: whether the certificate's authority says that it is still good.
    """
    _check(found)
    redirection = Redirection(found.portal.url)
    front = found.front
    headers = dict(redirection.headers)
    # nginx counts by itself.
    del headers["Content-Length"]
    templates = _templates()
    return templates.get_template("nginx.conf").render(
        front=front,
        socket=found.portal_socket,
        http_addresses=[_listen(each, front.http_port) for each in front.addresses],
        https_addresses=[_listen(each, front.https_port) for each in front.addresses],
        own_name=redirection.own_name,
        apple_hosts=sorted({probe.host for probe in PROBES if probe.maker == "Apple"}),
        apple_agent=APPLE_AGENT,
        redirection_type=headers.pop("Content-Type"),
        redirection_headers=list(headers.items()),
        redirection_body=redirection.body,
        address_header=caller.HEADER,
        request_id_header=request_id.HEADER,
        passed_headers=_passed(found),
        busy=_busy_page(templates, texts),
        retry_after_s=_RETRY_AFTER_S,
        secure=_is_secure(found),
        tls=found.certificate if found.certificate.chain else None,
        staples=staples,
    )


def names_responder(chain: bytes) -> bool:
    """Whether a certificate (PEM) says whom to ask if it is still good (OCSP)."""
    certificate = x509.load_pem_x509_certificate(chain)
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return False
    return any(each.access_method == AuthorityInformationAccessOID.OCSP for each in access.value)


def _check(found: Settings) -> None:
    front, url = found.front, urlsplit(found.portal.url)
    if not _NAME.fullmatch(Redirection(found.portal.url).own_name):
        raise FrontError("portal.url: the name has letters, digits, dots and dashes")
    if _is_secure(found) and not found.certificate.chain:
        raise FrontError("certificate.chain: portal.url is https, which needs a certificate")
    if bool(found.certificate.chain) != bool(found.certificate.key):
        raise FrontError("certificate.key: a chain and its key belong together")
    ports = {"http": front.http_port, "https": front.https_port}
    if ports["http"] == ports["https"]:
        raise FrontError("front.https_port: must be another than front.http_port")
    if (url.port or _PORTS[url.scheme]) != ports[url.scheme]:
        raise FrontError(
            f"portal.url: browsers go to its port, so it must be front.{url.scheme}_port"
        )
    if len(str(found.portal_socket).encode()) > _LONGEST_SOCKET:
        raise FrontError(f"front.socket: a path of at most {_LONGEST_SOCKET} octets")


def _passed(found: Settings) -> tuple[str, ...]:
    return (*PASSED_HEADERS, _TICKET_HEADER) if found.portal.behind_nat else PASSED_HEADERS


def _is_secure(found: Settings) -> bool:
    return urlsplit(found.portal.url).scheme == "https"


def _listen(address: str, port: int) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        raise FrontError(
            'front.addresses: each is written as "192.168.50.1" or "fd50::1"'
        ) from None
    return f"{ip}:{port}" if ip.version == 4 else f"[{ip}]:{port}"  # noqa: PLR2004 - IPv4


def _busy_page(templates: jinja2.Environment, texts: Texts) -> str:
    # In every language: nginx does not know which one the phone prefers.
    said = [(tag(each), functools.partial(texts.text, each)) for each in texts.catalogues]
    return templates.get_template("busy.html").render(said=said)


def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["quoted"] = _quoted
    return templates


def _quoted(value: object) -> str:
    """A string as nginx reads it; FrontError if it cannot be written."""
    text = str(value)
    if _UNQUOTABLE.search(text):
        raise FrontError("nginx cannot be given a dollar sign or a control character in a setting")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
