"""One event as the CRM gets it: CloudEvents 1.0, JSON format."""

import dataclasses
import datetime as dt
import functools
import json
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring
from typing import Any, Protocol

from core import outbox
from core.sealing import Sealer


class Row(Protocol):
    """What is read of an outbox row to send it."""

    @property
    def event_id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def occurred_at(self) -> dt.datetime: ...
    @property
    def sealed_data(self) -> bytes: ...


# Not frozen: that takes three times as long to make, and there may be thousands a second.
@dataclasses.dataclass(repr=False)
class Event:
    """An opened outbox row. It may hold a phone number, so `repr` shows the id alone."""

    id: str
    type: str
    source: str
    subject: str
    time: dt.datetime
    body: bytes
    """`data` as it was sealed: a JSON object."""

    @classmethod
    def telling(cls, data: Mapping[str, object], **about: Any) -> "Event":
        """An event with `data`, for whoever has no bytes of it."""
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return cls(**about, body=body.encode())

    @functools.cached_property
    def data(self) -> Mapping[str, object]:
        """Parsed when first asked for: who passes events on never asks."""
        parsed: Mapping[str, object] = json.loads(self.body)
        return parsed

    def envelope(self) -> dict[str, object]:
        """The event in CloudEvents' JSON format (docs/events/envelope.json)."""
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": _rfc3339(self.time),
            "datacontenttype": "application/json",
            "data": self.data,
        }

    def written(self) -> bytes:
        """The envelope as JSON: the same bytes as of `envelope`, with `data` put in unread."""
        text = encode_basestring
        head = (
            f'{{"specversion":"1.0","id":{text(self.id)},"source":{text(self.source)},'
            f'"type":{text(self.type)},"subject":{text(self.subject)},'
            f'"time":"{_rfc3339(self.time)}","datacontenttype":"application/json","data":'
        )
        return b"%b%b}" % (head.encode(), self.body)

    def __repr__(self) -> str:
        return f"Event({self.id})"


def opened(row: Row, sealer: Sealer, store: str) -> Event:
    """The event in `row`, from the store it names, else from `store`.

    Raises:
        SealBrokenError: it does not open.
    """
    return Event(
        id=row.event_id,
        type=row.type,
        source=f"/stores/{row.source or store}",
        subject=row.subject,
        time=row.occurred_at,
        body=sealer.open(outbox.DATA, row.sealed_data),
    )


def batch_body(events: Iterable[Event]) -> bytes:
    """Events in CloudEvents' JSON batch format."""
    return b"[%b]" % b",".join(event.written() for event in events)


def _rfc3339(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
