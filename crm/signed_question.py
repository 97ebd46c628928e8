"""A question to the chain's own CRM by HTTP: JSON, signed like the events themselves."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

import ulid

from core import webhook_signature
from crm.shape import PermanentCrmError, TemporaryCrmError
from crm.wire import Wire, safe_url


class SignedQuestions:
    """Questions to one address, which each repeats as `to`: the scheme signs no addresses."""

    def __init__(
        self,
        url: str,
        key: bytes,
        timeout_s: float,
        clock: Callable[[], dt.datetime],
        headers: Mapping[str, str],
        *,
        setting: str,
    ) -> None:
        """SettingsError, naming `setting`, if signatures would be sent in the clear."""
        self._url, self._key, self._clock = safe_url(url, setting), key, clock
        self._headers = {"content-type": "application/json", **headers}
        self._wire = Wire(self._url, timeout_s, clock)

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
