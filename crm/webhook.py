"""A CRM that takes signed HTTP batches (docs/events/README.md describes its side).

POST <crm.url>
Content-Type: application/cloudevents-batch+json
webhook-id, webhook-timestamp, webhook-signature      core.webhook_signature

200 {"results": [{"id": …, "status": "accepted" | "duplicate" | "refused", "reason": …}]}
"""

import datetime as dt
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence

from core import webhook_signature
from core.log import Log
from core.outbox import EventType
from crm.event import Event, batch_body
from crm.shape import Answer, Outcome, PermanentCrmError, Preview, Refusal, TemporaryCrmError
from crm.wire import Reply, Wire, safe_url

CONTENT_TYPE = "application/cloudevents-batch+json"

_CONFLICT = 409
# Too large, or not to be processed: the only statuses that are about what was sent.
_REFUSED_AS_A_WHOLE = {413, 422}
_MENDS = {
    401: "crm.signing_key must be the key the CRM has for this store",
    403: "crm.signing_key must be the key the CRM has for this store",
    404: "crm.url must be the address where the CRM takes events",
}
# The quickest: it makes a fifth of such text, and slower ones save little more.
_GZIP_LEVEL = 1
_GZIP_FORMAT = 31

_TAKEN = {
    "accepted": Answer(Outcome.ACCEPTED),
    "duplicate": Answer(Outcome.DUPLICATE),
}

_log = Log("crm")


class WebhookCrm:
    """Sends to one address, over connections that are kept open."""

    def __init__(
        self,
        url: str,
        key: bytes,
        timeout_s: float,
        clock: Callable[[], dt.datetime],
        *,
        headers: Mapping[str, str] | None = None,
        is_headquarters: bool = False,
    ) -> None:
        """`clock` dates signatures, for a receiver turns away what is minutes old.

        `headers` go with every request. Headquarters alone reads gzip, takes two requests at
        once, and has a place for visit rows.

        Raises:
            SettingsError: personal data would go over a network in the clear.
        """
        self._url, self._key, self._clock = safe_url(url, "crm.url"), key, clock
        self._headers = {"content-type": CONTENT_TYPE, **(headers or {})}
        self._zips, self.at_once = is_headquarters, 2 if is_headquarters else 1
        self.takes = frozenset(EventType)
        if is_headquarters:
            self._headers["content-encoding"] = "gzip"
        else:
            self.takes -= {EventType.VISITS_DAY}
        self._wire = Wire(self._url, timeout_s, clock)

    def send(self, batch: Sequence[Event]) -> Mapping[str, Answer]:
        body = batch_body(batch)
        if self._zips:
            body = _zipped(body)
        signed = webhook_signature.headers(self._key, _message_id(batch), body, self._clock())
        reply = self._wire.ask("POST", content=body, headers={**self._headers, **signed})
        if reply.status == _CONFLICT:
            return dict.fromkeys((event.id for event in batch), _TAKEN["duplicate"])
        _raise_for_status(reply)
        return _answers(reply.body)

    def preview(self, batch: Sequence[Event]) -> Sequence[Preview]:
        ids = tuple(event.id for event in batch)
        return [Preview(ids, "POST", str(self._url), [event.envelope() for event in batch])]

    def close(self) -> None:
        self._wire.close()


def _zipped(body: bytes) -> bytes:
    # Without a time in it: the same batch is the same octets when it is sent again.
    press = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)
    return press.compress(body) + press.flush()


def _message_id(batch: Sequence[Event]) -> str:
    """The same for the same events, also after a crash, with nothing to remember."""
    digest = hashlib.blake2b("\0".join(event.id for event in batch).encode(), digest_size=16)
    return f"batch_{digest.hexdigest()}"


def _raise_for_status(reply: Reply) -> None:
    if reply.is_success:
        return
    if reply.status in _REFUSED_AS_A_WHOLE:
        raise PermanentCrmError(reply.reason)
    if not reply.is_busy:
        # Giving up on events because of a mistyped setting would be worse than waiting.
        mend = _MENDS.get(reply.status, "crm.url or the CRM's side is not set up for our events")
        _log.error("the CRM turns everything away", reason=reply.reason, mend=mend)
    raise reply.temporary()


def _answers(body: bytes) -> dict[str, Answer]:
    try:
        rows = json.loads(body)["results"]
        answers = {row["id"]: _answer(row) for row in rows if _is_row(row)}
    except (ValueError, TypeError, KeyError, RecursionError):
        _log.error("the CRM's answer is not of the agreed form", mend="see docs/events")
        # `from None`: a JSON error carries the document.
        raise TemporaryCrmError("unreadable_answer") from None
    return {event_id: answer for event_id, answer in answers.items() if answer}


def _is_row(row: object) -> bool:
    """One that is of another form is as good as none."""
    if not isinstance(row, dict):
        return False
    return isinstance(row.get("id"), str) and isinstance(row.get("status"), str)


def _answer(row: Mapping[str, str]) -> Answer | None:
    """None for a status that says nothing we know."""
    taken = _TAKEN.get(row["status"])
    if taken is None and row["status"] == "refused":
        return Answer(Outcome.REFUSED, Refusal(str(row.get("reason"))))
    return taken
