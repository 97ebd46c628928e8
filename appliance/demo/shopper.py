"""A scripted shopper: does over HTTP what a person with a phone would do."""

import dataclasses
import re
import time
from typing import Any

import httpx

# A number from a block that carriers give to shops' displays, not to people.
PHONE = "13800138000"
_PROBE_HOST = "captive.apple.com"
_CODE_WITHIN_S = 10


class ShopperError(Exception):
    """The way through the portal is broken; the message says at which step."""


@dataclasses.dataclass(frozen=True, slots=True)
class Shopper:
    """Somebody with a phone on the guest Wi-Fi.

    Args:
        http: a client that keeps no cookies and follows no redirects.
        portal_url: the portal's own address.
        inbox_url: where the fake carrier lists what it delivered.
    """

    http: httpx.Client
    portal_url: str
    inbox_url: str

    def join(self) -> None:
        """Be redirected, log in by code, become a member; raise ShopperError at the first miss."""
        self._is_redirected()
        self._expect(self._post("/login", phone=PHONE, terms="yes"), "/code")
        self._expect(self._post("/code", code=self._code()), "/consent")
        self._expect(self._post("/consent", membership="yes", marketing="yes"), "/online")

    def is_online(self) -> bool:
        """What the portal tells the phone's own question (RFC 8908)."""
        answer: dict[str, Any] = self.http.get(f"{self.portal_url}/captive-portal/api").json()
        return answer["captive"] is False

    def _is_redirected(self) -> None:
        probe = self.http.get(
            f"{self.portal_url}/hotspot-detect.html", headers={"host": _PROBE_HOST}
        )
        if not probe.headers.get("location", "").startswith(self.portal_url):
            raise ShopperError(f"a phone's probe got {probe.status_code}, not a redirect")

    def _post(self, path: str, **form: str) -> httpx.Response:
        return self.http.post(self.portal_url + path, data=form)

    def _expect(self, answer: httpx.Response, path: str) -> None:
        there = httpx.URL(answer.headers.get("location", "")).path
        if there != path:
            raise ShopperError(f"{answer.status_code} to {there or 'nowhere'} in place of {path}")

    def _code(self) -> str:
        end = time.monotonic() + _CODE_WITHIN_S
        while time.monotonic() < end:
            for message in self.http.get(self.inbox_url).json():
                found = re.search(r"\b\d{6}\b", message["text"])
                if found and message["to"].endswith(PHONE):
                    return found[0]
            time.sleep(0.1)
        raise ShopperError(f"no code in the inbox within {_CODE_WITHIN_S} s")
