"""A question to the chain's own CRM by HTTP: JSON, signed like the events themselves."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import ulid

from core import webhook_signature
from crm.shape import PermanentCrmError, TemporaryCrmError
from crm.wire import Wire


class SignedQuestions:
    """Questions to one address, which each repeats as `to`: the scheme signs no addresses."""

    def __init__(
        self,
        url: httpx.URL,
        key: bytes,
        timeout_s: float,
        clock: Callable[[], dt.datetime],
        headers: Mapping[str, str],
    ) -> None:
        self._url, self._key, self._clock = url, key, clock
        self._headers = {"content-type": "application/json", **headers}
        self._wire = Wire(url, timeout_s, clock)

    def ask(self, question: Mapping[str, object]) -> dict[str, Any]:
        """The answer, a JSON object; CrmError if there is none."""
        body = json.dumps({"to": self._url.path, **question}, separators=(",", ":")).encode()
        signed = webhook_signature.headers(self._key, str(ulid.ULID()), body, self._clock())
        reply = self._wire.ask("POST", content=body, headers={**self._headers, **signed})
        if not reply.is_success:
            raise reply.temporary() if reply.is_busy else PermanentCrmError(reply.reason)
        answer = reply.json()
        if not isinstance(answer, dict):
            raise TemporaryCrmError("unreadable_answer")
        return answer

    def close(self) -> None:
        self._wire.close()
