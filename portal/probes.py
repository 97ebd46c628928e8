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
looked up here, and we never vouch for the internet in a maker's name. That goes in no
circles, since the first page is our own and leads on to "you are online"; and the server
closes the connection, so that the next request finds the way out.
"""

import dataclasses
import enum
import tomllib
from collections.abc import Iterable, Iterator
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
    """What the phone takes for an open way. It is never ours to give."""
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


class Redirect:
    """WSGI middleware: answers foreign requests by itself, without waking Flask.

    Only the name counts, not the port: the firewall moves ports.
    """

    def __init__(self, application: WSGIApplication, portal_url: str) -> None:
        self._application = application
        self._own_name = _name(urlsplit(portal_url).netloc)
        target = portal_url.rstrip("/") + "/"
        self._body = f'<!doctype html><title>Wi-Fi</title><a href="{target}">Wi-Fi</a>\n'.encode()
        self._headers = [
            ("Location", target),
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(self._body))),
            ("Cache-Control", "no-store"),
        ]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        own = _name(environ.get("HTTP_HOST", "")) == self._own_name
        if own and environ.get("PATH_INFO") not in PATHS:
            return self._application(environ, start_response)
        start_response("302 Found", list(self._headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self._body]


def _name(netloc: str) -> str:
    """The name in `name:port`; an IPv6 address keeps its brackets."""
    bracket = netloc.rfind("]")
    colon = netloc.find(":", bracket + 1)
    return (netloc if colon < 0 else netloc[:colon]).rstrip(".").lower()
