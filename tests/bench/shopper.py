"""A shopper without a browser: goes the way of a login, request by request.

Each request is a connection of its own from the phone's address. Called inside the
phones' namespace.
"""

import http.client
import re
import ssl
import threading
import urllib.parse
from typing import Self

from tests.lab import network
from tests.lab.shop import PORTAL_NAME, PORTAL_PORT, PORTAL_URL, Shop

_CODE = re.compile(r"\b\d{6}\b")
_PATIENCE_S = 30.0
_CODE_WITHIN_S = 30.0


class LostError(Exception):
    """The way ended before its end; the message says where."""


class Inbox:
    """The codes that have come, by number; looks again and again while it is open."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._codes: dict[str, str] = {}
        self._news = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def code(self, number: str) -> str:
        with self._news:
            if not self._news.wait_for(lambda: number in self._codes, _CODE_WITHIN_S):
                raise LostError("no code came")
            return self._codes[number]

    def _watch(self) -> None:
        while not self._stopping.wait(0.1):
            found = {each["to"]: _CODE.search(each["text"])[0] for each in self._shop.messages()}
            with self._news:
                self._codes |= found
                self._news.notify_all()


class Shopper:
    def __init__(
        self, address: str, number: str, inbox: Inbox, *, secure: ssl.SSLContext | None = None
    ) -> None:
        """With `secure` the portal is asked by HTTPS, at its usual port."""
        self._address = address
        self._secure = secure
        self._url = f"https://{PORTAL_NAME}" if secure else PORTAL_URL
        self._number = number
        self._inbox = inbox

    def go_online(self) -> None:
        """The whole way, from the phone's probe to the first page of the internet."""
        self.begin()
        self.agree()
        if self._ask("GET", (network.WEB[4], 80), "captive.apple.com", "/")[0] != 200:
            raise LostError("not online after the login")

    def begin(self) -> None:
        """Up to the page that asks for consents."""
        status, place = self._ask("GET", (network.WEB[4], 80), "captive.apple.com", "/")
        if status != 302 or not place.startswith(self._url):
            raise LostError(f"the probe got {status}")
        self._step("GET", "/")
        self._step("POST", "/login", "/code", phone=self._number, terms="yes")
        self._step("GET", "/code")
        self._step("POST", "/code", "/consent", code=self._inbox.code(f"+86{self._number}"))
        self._step("GET", "/consent")

    def agree(self) -> None:
        self._step("POST", "/consent", "/online", membership="yes")

    def _step(self, method: str, path: str, leads_to: str = "", **form: str) -> None:
        portal = (network.GATEWAY[4], 443 if self._secure else PORTAL_PORT)
        host = urllib.parse.urlsplit(self._url).netloc
        status, place = self._ask(method, portal, host, path, form)
        if leads_to:
            if status != 303 or not place.startswith(leads_to):
                raise LostError(f"{method} {path} got {status}")
        elif status != 200:
            raise LostError(f"{method} {path} got {status}")

    def _ask(
        self,
        method: str,
        server: tuple[str, int],
        host: str,
        path: str,
        form: dict[str, str] | None = None,
    ) -> tuple[int, str]:
        """Status and where it leads."""
        headers = {"Host": host, "Accept-Language": "zh-CN", "Connection": "close"}
        body = urllib.parse.urlencode(form) if form else None
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        here = (self._address, 0)
        asking = (
            _Secure(*server, timeout=_PATIENCE_S, source_address=here, context=self._secure)
            if self._secure and server[1] == 443
            else http.client.HTTPConnection(*server, timeout=_PATIENCE_S, source_address=here)
        )
        try:
            asking.request(method, path, body, headers)
            with asking.getresponse() as answer:
                answer.read()
                return answer.status, answer.headers["Location"] or ""
        except (OSError, http.client.HTTPException) as error:
            raise LostError(f"{method} {path}: {type(error).__name__}") from error
        finally:
            asking.close()


class _Secure(http.client.HTTPSConnection):
    """By address; the certificate is of the portal's name."""

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._context.wrap_socket(self.sock, server_hostname=PORTAL_NAME)


def number_of(phone: int) -> str:
    return f"138{phone:08}"
