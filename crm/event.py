"""One event as the CRM gets it: CloudEvents 1.0, JSON format."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping

from core import outbox
from core.models.outbox_event import OutboxEvent
from core.sealing import Sealer


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Event:
    """An opened outbox row. `data` may hold a phone number, so `repr` shows the id alone."""

    id: str
    type: str
    source: str
    subject: str
    time: dt.datetime
    data: Mapping[str, object]

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

    def __repr__(self) -> str:
        return f"Event({self.id})"


def opened(row: OutboxEvent, sealer: Sealer, store: str) -> Event:
    """The event in `row`, from the store of that id; SealBrokenError if it does not open."""
    return Event(
        id=row.event_id,
        type=row.type,
        source=f"/stores/{store}",
        subject=row.subject,
        time=row.occurred_at,
        data=json.loads(sealer.open(outbox.DATA, row.sealed_data)),
    )


def batch_body(events: Iterable[Event]) -> bytes:
    """Events in CloudEvents' JSON batch format."""
    envelopes = [event.envelope() for event in events]
    return json.dumps(envelopes, ensure_ascii=False, separators=(",", ":")).encode()


def _rfc3339(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
