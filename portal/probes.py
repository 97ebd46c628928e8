"""Sends every phone that asks for somebody else's page to the portal.

After joining a network a phone fetches a known page of its maker's (`probes.toml` lists
them). If it gets anything else, it shows a sign-in sheet with what it got. The firewall
leads port 80 of phones that are not online to us, so those requests arrive here under a
foreign name.

What an answer must not be, or phones conclude that all is well or that all is broken:
a 204, a 200 of at most four bytes (Android), a page with the word that Apple's probe
looks for. A 302 with a small body is understood by all of them.

A phone that is online asks its maker, not us. If a request of it reaches us all the same,
on a connection from before the login, it is answered like any other: who is online is not
looked up here. That goes in no circles, since the first page is our own and leads on to
"you are online"; and the server closes the connection, so that the next request finds the
way out.

We vouch for the internet in a maker's name in one case alone: Apple's probe, while the
phone has a temporary pass (`portal.access.passes`), or its owner could not leave the sheet for
WeChat without leaving the network. Only who asks as Apple's phones do is looked up at all.
"""

import dataclasses
import enum
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class KnownFrom(enum.StrEnum):
    """How sure a row of the table is: see `probes.toml`."""

    MAKER = "maker"
    OTHERS = "others"
    HEARSAY = "hearsay"


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Probe:
    """What phones of one maker ask for, over plain HTTP."""

    maker: str
    host: str
    path: str
    answer: Answer
    """What the phone takes for an open way. It is not ours to give, but for Apple's pass."""
    known_from: KnownFrom


def _read(file: Path) -> Iterator[Probe]:
    table = tomllib.loads(file.read_text("utf-8"))
    answers = {name: Answer(**fields) for name, fields in table["answers"].items()}
    for maker, rows in table["probes"].items():
        for row in rows:
            known_from = KnownFrom(row["known_from"])
            yield Probe(maker, row["host"], row["path"], answers[row["answer"]], known_from)


PROBES = tuple(_read(Path(__file__).with_name("probes.toml")))

# Asked of us by our own name, these are led to the first page as well: a phone would
# take "not found" for a broken network. But the first page leads nowhere else.
PATHS = frozenset(probe.path for probe in PROBES) - {"/"}

_APPLE = {(probe.host, probe.path): probe.answer for probe in PROBES if probe.maker == "Apple"}
# By this name Apple's phones ask, whatever the host; and follow a redirect to our pages.
APPLE_AGENT = "CaptiveNetworkSupport"
_APPLE_USUAL = _APPLE["captive.apple.com", "/hotspot-detect.html"]


@dataclasses.dataclass(frozen=True, slots=True)
class Redirection:
    """The one answer to every foreign request, whoever gives it: this program or nginx."""

    portal_url: str

    @property
    def target(self) -> str:
        return self.portal_url.rstrip("/") + "/"

    @property
    def own_name(self) -> str:
        return _name(urlsplit(self.portal_url).netloc)

    @property
    def body(self) -> str:
        return f'<!doctype html><title>Wi-Fi</title><a href="{self.target}">Wi-Fi</a>\n'

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [
            ("Location", self.target),
            *_page_headers(self.body.encode()),
        ]


class Redirect:
    """WSGI middleware: answers foreign requests by itself, without waking Flask.

    Only the name counts, not the port: the firewall moves ports. `vouches_for` says
    whether Apple's probe from an address is to succeed.
    """

    def __init__(
        self,
        application: WSGIApplication,
        portal_url: str,
        vouches_for: Callable[[str], bool] = lambda _address: False,
    ) -> None:
        self._application = application
        self._vouches_for = vouches_for
        redirection = Redirection(portal_url)
        self._own_name = redirection.own_name
        self._body = redirection.body.encode()
        self._headers = redirection.headers

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name = _name(environ.get("HTTP_HOST", ""))
        own = name == self._own_name
        if own and environ.get("PATH_INFO") not in PATHS:
            return self._application(environ, start_response)
        answer = None if own else _apple_answer(name, environ)
        if answer is not None and self._vouches_for(environ.get("REMOTE_ADDR", "")):
            body = answer.body.encode()
            start_response(f"{answer.status} OK", _page_headers(body))
        else:
            body = self._body
            start_response("302 Found", list(self._headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _apple_answer(name: str, environ: WSGIEnvironment) -> Answer | None:
    """What Apple would answer, if this is what Apple's phones ask."""
    if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
        return None
    is_apples = environ.get("HTTP_USER_AGENT", "").startswith(APPLE_AGENT)
    return _APPLE.get((name, environ.get("PATH_INFO", "")), _APPLE_USUAL if is_apples else None)


def _page_headers(body: bytes) -> list[tuple[str, str]]:
    return [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]


def _name(netloc: str) -> str:
    """The name in `name:port`; an IPv6 address keeps its brackets."""
    bracket = netloc.rfind("]")
    colon = netloc.find(":", bracket + 1)
    return (netloc if colon < 0 else netloc[:colon]).rstrip(".").lower()
