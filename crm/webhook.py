"""A CRM that takes signed HTTP batches (docs/events/README.md describes its side).

POST <crm.url>
Content-Type: application/cloudevents-batch+json
webhook-id, webhook-timestamp, webhook-signature      core.webhook_signature

200 {"results": [{"id": …, "status": "accepted" | "duplicate" | "refused", "reason": …}]}
"""

import datetime as dt
import email.utils
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from core import webhook_signature
from core.log import Log
from core.settings import SettingsError
from crm.event import Event, batch_body
from crm.shape import Answer, Outcome, PermanentCrmError, Refusal, TemporaryCrmError

CONTENT_TYPE = "application/cloudevents-batch+json"

# Far more than the answers to the largest batch take.
_LONGEST_ANSWER_BYTES = 1_000_000

_NEVER_LEAVES = {("http", host) for host in ("127.0.0.1", "::1", "localhost")}
_CONFLICT = 409
# Too large, or not to be processed: the only statuses that are about what was sent.
_REFUSED_AS_A_WHOLE = {413, 422}
# Come back later: nobody has to mend anything for it.
_BUSY = {408, 425, 429}
_MENDS = {
    401: "crm.signing_key must be the key the CRM has for this store",
    403: "crm.signing_key must be the key the CRM has for this store",
    404: "crm.url must be the address where the CRM takes events",
}

_log = Log("crm")


class WebhookCrm:
    """Sends to one address, over one connection that is kept open.

    Proxies and redirects are not followed: `crm.url` alone decides who gets personal data.
    """

    def __init__(
        self,
        url: str,
        key: bytes,
        timeout_s: float,
        clock: Callable[[], dt.datetime],
    ) -> None:
        """`clock` dates signatures, for a receiver turns away what is minutes old.

        Raises:
            SettingsError: personal data would go over a network in the clear.
        """
        self._url, self._key, self._clock = _safe(url), key, clock
        self._timeout_s = timeout_s
        self._client = httpx.Client(timeout=timeout_s, trust_env=False, follow_redirects=False)

    def send(self, batch: Sequence[Event]) -> Mapping[str, Answer]:
        body = batch_body(batch)
        signed = webhook_signature.headers(self._key, _message_id(batch), body, self._clock())
        try:
            response, answer = self._post(body, signed)
        except httpx.TimeoutException as error:
            raise TemporaryCrmError("timed_out") from error
        except httpx.HTTPError as error:
            raise TemporaryCrmError("no_answer") from error
        if response.status_code == _CONFLICT:
            return {event.id: Answer(Outcome.DUPLICATE) for event in batch}
        self._raise_for_status(response)
        return _answers(answer)

    def close(self) -> None:
        self._client.close()

    def _post(self, body: bytes, signed: Mapping[str, str]) -> tuple[httpx.Response, bytes]:
        deadline = time.monotonic() + self._timeout_s
        headers = {"content-type": CONTENT_TYPE, "accept-encoding": "identity", **signed}
        answer = b""
        with self._client.stream("POST", self._url, content=body, headers=headers) as response:
            # httpx's own time-out starts anew with every byte; a trickle must end as well.
            for part in response.iter_raw():
                answer += part
                if len(answer) > _LONGEST_ANSWER_BYTES:
                    raise TemporaryCrmError("answer_too_long")
                if time.monotonic() > deadline:
                    raise TemporaryCrmError("timed_out")
        return response, answer

    def _raise_for_status(self, response: httpx.Response) -> None:
        status, reason = response.status_code, f"http_{response.status_code}"
        if response.is_success:
            return
        if status in _REFUSED_AS_A_WHOLE:
            raise PermanentCrmError(reason)
        if status not in _BUSY and not response.is_server_error:
            # Giving up on events because of a mistyped setting would be worse than waiting.
            mend = _MENDS.get(status, "crm.url or the CRM's side is not set up for our events")
            _log.error("the CRM turns everything away", reason=reason, mend=mend)
        raise TemporaryCrmError(reason, _retry_after_s(response.headers, self._clock()))


def _safe(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.host and (url.scheme == "https" or (url.scheme, url.host) in _NEVER_LEAVES):
        return url
    raise SettingsError("crm.url must be https://..., or http:// to this machine (127.0.0.1)")


def _message_id(batch: Sequence[Event]) -> str:
    """The same for the same events, also after a crash, with nothing to remember."""
    digest = hashlib.blake2b("\0".join(event.id for event in batch).encode(), digest_size=16)
    return f"batch_{digest.hexdigest()}"


def _retry_after_s(headers: httpx.Headers, now: dt.datetime) -> float | None:
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


def _answers(body: bytes) -> dict[str, Answer]:
    try:
        rows = json.loads(body)["results"]
        answers = [_answer(row) for row in rows]
    except (ValueError, TypeError, KeyError, RecursionError):
        _log.error("the CRM's answer is not of the agreed form", mend="see docs/events")
        # `from None`: a JSON error carries the document.
        raise TemporaryCrmError("unreadable_answer") from None
    return dict(answer for answer in answers if answer)


def _answer(row: Mapping[str, Any]) -> tuple[str, Answer] | None:
    """One row's event id and answer. One that says nothing we know is as good as none."""
    match row:
        case {"id": str(event_id), "status": "accepted" | "duplicate" as status}:
            return event_id, Answer(Outcome(status))
        case {"id": str(event_id), "status": "refused", **rest}:
            return event_id, Answer(Outcome.REFUSED, Refusal(str(rest.get("reason"))))
        case _:
            return None
