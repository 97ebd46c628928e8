"""Sends every phone that asks for somebody else's page to the portal.

After joining a network a phone fetches a known page of its maker's. If it gets anything
else, it shows a sign-in sheet with what it got. The firewall leads port 80 of phones
that are not online to us, so those requests arrive here under a foreign name.

What an answer must not be, or phones conclude that all is well or that all is broken:
a 204, a 200 of at most four bytes (Android), a page with the word that Apple's probe
looks for. A 302 with a small body is understood by all of them.
"""

import dataclasses
from collections.abc import Iterable
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


@dataclasses.dataclass(frozen=True, slots=True)
class Probe:
    """What phones of one maker ask for, over plain HTTP."""

    maker: str
    host: str
    path: str


PROBES = (
    Probe("Apple", "captive.apple.com", "/hotspot-detect.html"),
    Probe("Apple", "www.apple.com", "/library/test/success.html"),
    Probe("Google", "connectivitycheck.gstatic.com", "/generate_204"),
    Probe("Google", "www.google.com", "/gen_204"),
    Probe("Google", "play.googleapis.com", "/generate_204"),
    Probe("Google", "connectivitycheck.android.com", "/generate_204"),
    Probe("Microsoft", "www.msftconnecttest.com", "/connecttest.txt"),
    Probe("Microsoft", "www.msftconnecttest.com", "/redirect"),
    Probe("Microsoft", "www.msftncsi.com", "/ncsi.txt"),
    Probe("Microsoft", "edge.microsoft.com", "/captiveportal/generate_204"),
    Probe("Mozilla", "detectportal.firefox.com", "/success.txt"),
    Probe("Mozilla", "detectportal.firefox.com", "/canonical.html"),
    Probe("Huawei", "connectivitycheck.platform.hicloud.com", "/generate_204"),
    Probe("Huawei", "connectivitycheck.platform.dbankcloud.com", "/generate_204"),
    Probe("Honor", "connectivitycheck.platform.hihonorcloud.com", "/generate_204"),
    Probe("Xiaomi", "connect.rom.miui.com", "/generate_204"),
    Probe("OPPO", "conn1.coloros.com", "/generate_204"),
    Probe("vivo", "wifi.vivo.com.cn", "/generate_204"),
    Probe("Samsung", "connectivity.samsung.com.cn", "/generate_204"),
    Probe("Amazon", "spectrum.s3.amazonaws.com", "/kindle-wifi/wifistub.html"),
    Probe("GNOME", "nmcheck.gnome.org", "/check_network_status.txt"),
)

# Asked of us by our own name, these are led to the first page as well: a phone would
# take "not found" for a broken network.
PATHS = frozenset(probe.path for probe in PROBES)


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
