"""Asks headquarters (`doorman hq`) by signed HTTP requests (`core.headquarters`)."""

import datetime as dt
import json
import ssl
from collections.abc import Mapping
from typing import Any

import httpx
import ulid

from core import headquarters, log, request_id, webhook_signature
from core.setting_groups.headquarters import HeadquartersSettings

_CONNECT_S = 2.0
_LONGEST_ANSWER_BYTES = 1_000_000
_GOOD = 200


class HeadquartersError(Exception):
    """There is no result. What is said of it never repeats what was asked."""


class HeadquartersDownError(HeadquartersError):
    """It is down, slow or out of its mind: the same question may succeed later."""


class HeadquartersRefusalError(HeadquartersError):
    """An answer that is none. `word` is its `error`, or "" if it has none."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(f"headquarters answers with status {status}")
        self.status, self.word = status, word


class Line:
    """A store's line to its headquarters.

    Holds no connection between questions, so it may be made before workers are forked.
    """

    def __init__(self, url: str, key: bytes, store_id: str, timeout_s: float = 8) -> None:
        self.key = key
        self._url, self._store_id = url.rstrip("/"), store_id
        self._timeout = httpx.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s))
        # Reading the authorities' certificates is slow; a connection is not.
        self._tls = ssl.create_default_context()

    def ask(
        self,
        to: str,
        question: Mapping[str, object],
        now: dt.datetime,
        message_id: str | None = None,
    ) -> dict[str, Any]:
        """The answer to `question`.

        Args:
            to: one of the addresses in `core.headquarters` or `core.wechat_relay`.
            question: JSON-ready; `to` is added.
            now: the present moment.
            message_id: of a question that is put again; a new one if left out.

        Raises:
            HeadquartersDownError: no answer, or one that cannot be read.
            HeadquartersRefusalError: any status but 200.
        """
        body = json.dumps({"to": to, **question}, ensure_ascii=False).encode()
        headers = webhook_signature.headers(self.key, message_id or str(ulid.ULID()), body, now)
        headers[headquarters.STORE_HEADER] = self._store_id
        headers["content-type"] = "application/json"
        # Not signed: it only helps to find the lines of both sides.
        headers[request_id.HEADER] = log.current_id() or request_id.new()
        try:
            # No proxy from the environment: nobody but headquarters gets to see a token.
            response = httpx.post(
                self._url + to,
                content=body,
                headers=headers,
                timeout=self._timeout,
                verify=self._tls,
                trust_env=False,
                follow_redirects=False,
            )
        except httpx.HTTPError as error:
            sort = type(error).__name__
            raise HeadquartersDownError(f"headquarters does not answer ({sort})") from error
        answer = _read(response)
        if response.status_code != _GOOD:
            word = answer.get("error", "")
            raise HeadquartersRefusalError(
                response.status_code, word if isinstance(word, str) else ""
            )
        return answer


def open_line(found: HeadquartersSettings, store_id: str) -> Line | None:
    """The line, or None if the store has no headquarters."""
    if not found.url:
        return None
    key = webhook_signature.read_key(found.key.get_secret_value())
    return Line(found.url, key, store_id, found.timeout_s)


def _read(response: httpx.Response) -> dict[str, Any]:
    if len(response.content) > _LONGEST_ANSWER_BYTES:
        raise HeadquartersDownError("headquarters' answer is too long")
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        answer = None
    return answer if isinstance(answer, dict) else {}
