"""How the fake CRM takes an event: held to the contract, and once by its id."""

import json
import sqlite3
from typing import Any

from pydantic import ValidationError

from appliance.demo.fakes import crm_memory
from core.events import contract
from core.events.shapes import Envelope
from core.outbox import EventType

# What headquarters alone is told is none of a CRM's.
_TAKES = {
    str(kind): model for kind, model in contract.DATA.items() if kind is not EventType.VISITS_DAY
}


def take(connection: sqlite3.Connection, event: object, received_at: float) -> dict[str, Any]:
    """Take one event of a batch; the row of the answer that is about it."""
    event_id = event.get("id") if isinstance(event, dict) else None
    try:
        envelope = Envelope.model_validate_json(json.dumps(event))
    except ValidationError:
        return _refused(event_id, "bad_envelope")
    model = _TAKES.get(envelope.type)
    if model is None:
        return _refused(event_id, "unknown_type")
    try:
        data = model.model_validate_json(json.dumps(envelope.data))
    except ValidationError:
        return _refused(event_id, "bad_data")
    is_new = connection.execute(
        "INSERT OR IGNORE INTO events (id, type, subject, at) VALUES (?, ?, ?, ?)",
        (envelope.id, envelope.type, envelope.subject, received_at),
    ).rowcount
    if not is_new:
        connection.execute("UPDATE duplicates SET count = count + 1")
        return {"id": envelope.id, "status": "duplicate"}
    crm_memory.keep(connection, data, envelope.id)
    return {"id": envelope.id, "status": "accepted"}


def _refused(event_id: object, reason: str) -> dict[str, Any]:
    return {"id": event_id, "status": "refused", "reason": reason}
