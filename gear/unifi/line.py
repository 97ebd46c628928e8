"""Speaks to a UniFi console: its addresses, its TLS, its login and the login's end.

Two ways to be somebody there. An API key goes with every request. A local user logs in and gets
a cookie, and a token against forged requests (CSRF) that every change has to carry; a session
that is over answers 401, and one whose token was renewed 403. Consoles shut out a user who is
refused too often, so after a refusal the next try waits, longer each time.

No message holds what was asked or answered: both name phones.
"""

import contextlib
import dataclasses
import email.utils
import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from core.setting_groups.unifi import UnifiConsole, UnifiSettings
from core.settings import SettingsError
from gate.shape import GateFailedError

_CONNECT_S = 1.0
_LEAST_S = 0.05
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5.0, 300.0
_SESSION_OVER = frozenset({401, 403})
_GOOD = 200
_TOO_OFTEN = 429


class ConsoleSilentError(GateFailedError):
    """No answer, or none that can be read: it may come later."""


class ConsoleRefusesError(GateFailedError):
    """The console does not do what it is asked to. The message says what to mend."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Paths:
    login: str
    application: str


_PATHS = {
    UnifiConsole.UNIFI_OS: _Paths("/api/auth/login", "/proxy/network"),
    UnifiConsole.STANDALONE: _Paths("/api/login", ""),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    data: list[dict[str, Any]] = dataclasses.field(repr=False)
    console_time: float
    """Seconds since 1970 by the console's clock, or by ours if it tells none."""


class Line:
    """May be used by several threads at once."""

    def __init__(self, settings: UnifiSettings) -> None:
        self._settings = settings
        self._key = settings.api_key.get_secret_value()
        self._paths = _PATHS[settings.console]
        self._check()
        # No proxy from the environment: nobody but the console gets to see a password.
        self._client = httpx.Client(
            base_url=settings.url, verify=_tls(settings.ca_file), trust_env=False
        )
        if self._key:
            self._client.headers["X-API-KEY"] = self._key
        self._turn = threading.Lock()
        self._session = 0
        self._token = ""
        self._waits_s = 0.0
        self._next_login_at = 0.0

    def close(self) -> None:
        self._client.close()

    def ask(
        self, method: str, path: str, until: float, body: Mapping[str, object] | None = None
    ) -> Answer:
        """What the application answers, of this site.

        Args:
            method: of HTTP.
            path: below the site, such as `stat/sta`.
            until: when to give up, of `time.monotonic`.
            body: JSON-ready.

        Raises:
            ConsoleSilentError: no answer in time.
            ConsoleRefusesError: no login, no right, or no such thing.
        """
        path = f"{self._paths.application}/api/s/{self._settings.site}/{path}"
        session = self._log_in(0, until)
        response = self._send(method, path, until, body)
        if response.status_code in _SESSION_OVER and not self._key:
            self._log_in(session, until)
            response = self._send(method, path, until, body)
            if response.status_code in _SESSION_OVER:
                # Not the session's fault, then: to log in again each time would shut us out.
                with self._held(until):
                    self._wait_longer()
        answer = _read(response)
        self._waits_s = 0.0
        return answer

    def _check(self) -> None:
        user = self._settings.username and self._settings.password.get_secret_value()
        if not self._key and not user:
            raise SettingsError(
                "unifi.api_key, or unifi.username and unifi.password: without them the console"
                " lets nobody in"
            )
        if self._key and self._settings.console is UnifiConsole.STANDALONE:
            raise SettingsError(
                'unifi.api_key: with unifi.console = "standalone" it takes unifi.username and'
                " unifi.password"
            )

    def _log_in(self, over: int, until: float) -> int:
        """The number of the session that holds; `over`: the one that does no longer, 0 for none."""
        if self._key:
            return 0
        with self._held(until):
            if self._session > over:
                # Ours, or another thread has been quicker.
                return self._session
            if time.monotonic() < self._next_login_at:
                raise ConsoleRefusesError("the console has refused the login; it is tried later")
            self._client.cookies.clear()
            self._token = ""
            settings = self._settings
            secret = {
                "username": settings.username,
                "password": settings.password.get_secret_value(),
            }
            response = self._send("POST", self._paths.login, until, secret)
            _check_is_able(response)
            if response.status_code != _GOOD:
                self._wait_longer()
                raise ConsoleRefusesError(
                    f"the console refuses the login (status {response.status_code}): see"
                    " unifi.username and unifi.password, and that the user is a local one"
                )
            self._session += 1
            return self._session

    @contextlib.contextmanager
    def _held(self, until: float) -> Iterator[None]:
        """Alone, or not at all: another thread may be logging in for longer than we have."""
        if not self._turn.acquire(timeout=max(until - time.monotonic(), 0)):
            raise ConsoleSilentError("the console takes its time over a login")
        try:
            yield
        finally:
            self._turn.release()

    def _wait_longer(self) -> None:
        self._waits_s = min(max(self._waits_s * 2, _FIRST_WAIT_S), _LONGEST_WAIT_S)
        self._next_login_at = time.monotonic() + self._waits_s

    def _send(
        self, method: str, path: str, until: float, body: Mapping[str, object] | None
    ) -> httpx.Response:
        left = until - time.monotonic()
        if left < _LEAST_S:
            # Who asked has been told that it failed: it must not come true later.
            raise ConsoleSilentError("the console does not answer in time")
        headers = {"X-CSRF-Token": self._token} if self._token else {}
        try:
            response = self._client.request(
                method,
                path,
                json=body,
                headers=headers,
                timeout=httpx.Timeout(left, connect=min(_CONNECT_S, left)),
            )
        except httpx.HTTPError as error:
            raise ConsoleSilentError(_reason(error)) from None
        self._keep_token(response)
        return response

    def _keep_token(self, response: httpx.Response) -> None:
        headers = response.headers
        token = headers.get("X-Updated-CSRF-Token") or headers.get("X-CSRF-Token")
        self._token = token or response.cookies.get("csrf_token") or self._token


def _read(response: httpx.Response) -> Answer:
    status = response.status_code
    if status in _SESSION_OVER:
        raise ConsoleRefusesError(
            f"the console refuses (status {status}): the user or key may not manage this site, or"
            " keys are not taken here: then set unifi.username and unifi.password"
        )
    if status == _TOO_OFTEN:
        raise ConsoleSilentError("the console is asked too often")
    _check_is_able(response)
    try:
        content = response.json()
        meta, data = content["meta"], content["data"]
        code = str(meta.get("msg", ""))
        is_good = status == _GOOD and meta["rc"] == "ok" and isinstance(data, list)
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        raise ConsoleSilentError(
            f"what answers at unifi.url is no Network application (status {status})"
        ) from None
    if not is_good:
        raise ConsoleRefusesError(_explained(status, code))
    return Answer([each for each in data if isinstance(each, dict)], _time_of(response))


def _check_is_able(response: httpx.Response) -> None:
    status = response.status_code
    if status >= 500:  # noqa: PLR2004 - its fault
        raise ConsoleSilentError(f"the console is not able to answer (status {status})")


def _explained(status: int, code: str) -> str:
    if code == "api.err.NoSiteContext":
        return "the console has no such site: see unifi.site"
    if code == "api.err.NoPermission":
        return "the user may not manage guests of this site (unifi.username)"
    # Its own words: letters and dots, never what was asked.
    known = code if code.replace(".", "").isalnum() and len(code) < 60 else "no reason"  # noqa: PLR2004 - longer than any
    return f"the console refuses (status {status}, {known})"


def _time_of(response: httpx.Response) -> float:
    try:
        return email.utils.parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (KeyError, ValueError):
        return time.time()


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "the console does not answer in time"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "the console's certificate is not to be trusted: see unifi.ca_file and unifi.url"
    return "the console is not reached: see unifi.url"


def _tls(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError):
        raise SettingsError(f"unifi.ca_file: {ca_file} holds no certificates") from None
