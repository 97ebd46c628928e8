"""How the fake CRM takes an event: held to the contract, once by its id, newest version wins."""

import json
import sqlite3
from typing import Any

from pydantic import ValidationError

from core.events import contract
from core.events.of_members import Member, Tombstone
from core.events.of_traffic import TrafficDay
from core.events.shapes import AboutMember, Envelope
from core.outbox import EventType


def take(connection: sqlite3.Connection, event: object, received_at: float) -> dict[str, Any]:
    """Take one event of a batch; the row of the answer that is about it."""
    event_id = event.get("id") if isinstance(event, dict) else None
    try:
        envelope = Envelope.model_validate_json(json.dumps(event))
    except ValidationError:
        return _refused(event_id, "bad_envelope")
    try:
        kind = EventType(envelope.type)
    except ValueError:
        return _refused(event_id, "unknown_type")
    try:
        data = contract.DATA[kind].model_validate_json(json.dumps(envelope.data))
    except (KeyError, ValidationError):
        return _refused(event_id, "bad_data")
    is_new = connection.execute(
        "INSERT OR IGNORE INTO events (id, type, subject, at) VALUES (?, ?, ?, ?)",
        (envelope.id, kind, envelope.subject, received_at),
    ).rowcount
    if not is_new:
        connection.execute("UPDATE duplicates SET count = count + 1")
        return {"id": envelope.id, "status": "duplicate"}
    match data:
        case Member():
            _keep_member(connection, data)
        case Tombstone():
            _forget(connection, data)
        case TrafficDay():
            _keep_day(connection, data, envelope.time.timestamp())
    if isinstance(data, AboutMember):
        _hear(connection, data)
    return {"id": envelope.id, "status": "accepted"}


def _refused(event_id: object, reason: str) -> dict[str, Any]:
    return {"id": event_id, "status": "refused", "reason": reason}


def _keep_member(connection: sqlite3.Connection, member: Member) -> None:
    gone = connection.execute("SELECT 1 FROM erased WHERE id = ?", (member.member,))
    if gone.fetchone():
        # Late news of somebody who is forgotten.
        return
    connection.execute(
        "INSERT INTO members VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE"
        " SET version = excluded.version, data = excluded.data"
        " WHERE excluded.version > members.version",
        (member.member, member.version, member.model_dump_json()),
    )


def _forget(connection: sqlite3.Connection, tombstone: Tombstone) -> None:
    for member in (tombstone.member, *tombstone.absorbed):
        connection.execute("DELETE FROM members WHERE id = ?", (member,))
        connection.execute("INSERT OR IGNORE INTO erased VALUES (?)", (member,))


def _hear(connection: sqlite3.Connection, data: AboutMember) -> None:
    """Remember how new the newest news of a member is, whatever it was."""
    connection.execute(
        "INSERT INTO heard VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE"
        " SET version = max(version, excluded.version)",
        (data.member, data.store, data.version),
    )


def _keep_day(connection: sqlite3.Connection, day: TrafficDay, at: float) -> None:
    connection.execute(
        "INSERT INTO days VALUES (?, ?, ?, ?) ON CONFLICT (store, day) DO UPDATE"
        " SET at = excluded.at, data = excluded.data WHERE excluded.at > days.at",
        (day.store, day.day, at, day.model_dump_json()),
    )
