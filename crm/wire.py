"""One request to a CRM over HTTP: who gets it, how long it takes, how much may come back.

Proxies and redirects are not followed: the settings alone decide who gets personal data.
Causes of errors are cut off, since some CRMs want their tokens in the address.
"""

import dataclasses
import datetime as dt
import email.utils
import functools
import json
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from core.settings import SettingsError
from crm.shape import TemporaryCrmError

# Far more than the answers to the largest batch take.
_LONGEST_ANSWER_BYTES = 1_000_000
_NEVER_LEAVES = {("http", host) for host in ("127.0.0.1", "::1", "localhost")}
# Come back later: nobody has to mend anything for it.
_BUSY = {408, 425, 429}
# A token is renewed before its end, so that none ends on its way.
_RENEWED_BEFORE_END_S = 120


@functools.cache
def _authorities() -> ssl.SSLContext:
    """Once a process: reading the authorities' certificates is slow."""
    return ssl.create_default_context()


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """What a CRM answered. It may quote a shopper, so it hides itself when printed."""

    status: int
    headers: httpx.Headers
    body: bytes
    retry_after_s: float | None
    """What `Retry-After` asks for, if it does."""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own ranges

    @property
    def is_busy(self) -> bool:
        """Whether the same request may succeed later with nobody mending anything."""
        return self.status in _BUSY or self.status >= 500  # noqa: PLR2004 - as above

    @property
    def reason(self) -> str:
        return f"http_{self.status}"

    def temporary(self) -> TemporaryCrmError:
        """The error that says: later."""
        return TemporaryCrmError(self.reason, self.retry_after_s)

    def json(self) -> Any:
        """The body, parsed; TemporaryCrmError if it is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            # `from None`: a JSON error carries the document.
            raise TemporaryCrmError("unreadable_answer") from None

    def __repr__(self) -> str:
        return f"Reply({self.status})"


class Wire:
    """Asks one CRM, over connections that are kept open."""

    def __init__(self, url: httpx.URL, timeout_s: float, clock: Callable[[], dt.datetime]) -> None:
        """`clock` is what a date in `Retry-After` is compared with."""
        self._url, self._timeout_s, self._clock = url, timeout_s, clock
        self._client = httpx.Client(
            timeout=timeout_s, trust_env=False, follow_redirects=False, verify=_authorities()
        )

    def ask(
        self,
        method: str,
        path: str = "",
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        """The answer, whatever its status, at `path` below the address; else TemporaryCrmError."""
        url = self._url.copy_with(path=self._url.path.rstrip("/") + path) if path else self._url
        if query:
            url = url.copy_merge_params(dict(query))
        wanted = {"accept-encoding": "identity", **(headers or {})}
        deadline = time.monotonic() + self._timeout_s
        body = b""
        try:
            with self._client.stream(method, url, content=content, headers=wanted) as response:
                # httpx's own time-out starts anew with every byte; a trickle must end as well.
                for part in response.iter_raw():
                    body += part
                    if len(body) > _LONGEST_ANSWER_BYTES:
                        raise TemporaryCrmError("answer_too_long")
                    if time.monotonic() > deadline:
                        raise TemporaryCrmError("timed_out")
        except httpx.TimeoutException:
            raise TemporaryCrmError("timed_out") from None
        except httpx.HTTPError:
            raise TemporaryCrmError("no_answer") from None
        asked = retry_after_s(response.headers, self._clock())
        return Reply(response.status_code, response.headers, body, asked)

    def ask_json(
        self,
        method: str,
        path: str,
        body: object,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        wanted = {"content-type": "application/json", **(headers or {})}
        return self.ask(method, path, content=content, headers=wanted, query=query)

    def close(self) -> None:
        self._client.close()


class Token:
    """An access token: fetched when it is needed, and anew before its time is over."""

    def __init__(
        self,
        fetch: Callable[[], tuple[str, float]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`fetch` gives a token, and for how many seconds it is good. It may raise CrmError."""
        self._fetch, self._monotonic = fetch, monotonic
        self._text, self._ends = "", 0.0

    def current(self) -> str:
        if not self._text or self._monotonic() > self._ends:
            text, lasts_s = self._fetch()
            if not text.isascii():
                raise TemporaryCrmError("unreadable_answer")
            early = min(_RENEWED_BEFORE_END_S, lasts_s / 2)
            self._text, self._ends = text, self._monotonic() + lasts_s - early
        return self._text

    def forget(self) -> None:
        """The CRM does not take it any more, whatever its time."""
        self._text = ""


def safe_url(text: str, setting: str) -> httpx.URL:
    """SettingsError, naming the setting, if personal data would cross a network in the clear."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.host and (url.scheme == "https" or (url.scheme, url.host) in _NEVER_LEAVES):
        return url
    raise SettingsError(f"{setting} must be https://..., or http:// to this machine (127.0.0.1)")


def retry_after_s(headers: httpx.Headers, now: dt.datetime) -> float | None:
    """`Retry-After` (RFC 9110, 10.2.3): seconds, or a date."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max((moment - now).total_seconds(), 0)
