"""What the fake CRM keeps: of everything the newest that it was told, of who is erased nothing."""

import sqlite3

from core.events.of_members import ConsentGiven, ConsentWithdrawn, Member, Merge, Tombstone, Visit
from core.events.of_traffic import SensorHealth, TrafficDay, TrafficHour
from core.events.shapes import AboutMember, Part

_DELETES = (
    "DELETE FROM members WHERE id = ?",
    "DELETE FROM consents WHERE member = ?",
    "DELETE FROM visits WHERE member = ?",
)


def keep(connection: sqlite3.Connection, data: Part, event_id: str) -> None:
    match data:
        case AboutMember():
            _hear(connection, data)
            _keep_of_member(connection, data, event_id)
        case TrafficDay():
            _keep_day(connection, data)
        case TrafficHour():
            _keep_hour(connection, data)
        case SensorHealth():
            _keep_sensor(connection, data)


def _keep_of_member(connection: sqlite3.Connection, data: AboutMember, event_id: str) -> None:
    if isinstance(data, Tombstone):
        _forget(connection, data)
        return
    if _is_gone(connection, data.member):
        # Late news of somebody who is forgotten, or turned out to be somebody else.
        return
    match data:
        case Member():
            _keep_member(connection, data)
        case Merge():
            _merge(connection, data)
        case ConsentGiven() | ConsentWithdrawn():
            _keep_consent(connection, data)
        case Visit():
            row = (event_id, data.member, data.model_dump_json())
            connection.execute("INSERT INTO visits VALUES (?, ?, ?)", row)


def _hear(connection: sqlite3.Connection, data: AboutMember) -> None:
    """Remember how new the newest news of a member is, whatever it was."""
    connection.execute(
        "INSERT INTO heard VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE"
        " SET version = max(version, excluded.version)",
        (data.member, data.store, data.version),
    )


def _is_gone(connection: sqlite3.Connection, member: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM erased WHERE id = ? UNION SELECT 1 FROM absorbed WHERE id = ?",
        (member, member),
    )
    return found.fetchone() is not None


def _forget(connection: sqlite3.Connection, tombstone: Tombstone) -> None:
    for member in (tombstone.member, *tombstone.absorbed):
        _delete(connection, member)
        connection.execute("INSERT OR IGNORE INTO erased VALUES (?)", (member,))


def _merge(connection: sqlite3.Connection, merge: Merge) -> None:
    """What they did goes along. What they are and agree to is told anew of who stays."""
    for member in merge.absorbed:
        connection.execute("UPDATE visits SET member = ? WHERE member = ?", (merge.member, member))
        _delete(connection, member)
        connection.execute("INSERT OR IGNORE INTO absorbed VALUES (?, ?)", (member, merge.member))


def _delete(connection: sqlite3.Connection, member: str) -> None:
    for statement in _DELETES:
        connection.execute(statement, (member,))


def _keep_member(connection: sqlite3.Connection, member: Member) -> None:
    connection.execute(
        "INSERT INTO members VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE"
        " SET version = excluded.version, data = excluded.data"
        " WHERE excluded.version > members.version",
        (member.member, member.version, member.model_dump_json()),
    )


def _keep_consent(connection: sqlite3.Connection, consent: ConsentGiven | ConsentWithdrawn) -> None:
    connection.execute(
        "INSERT INTO consents VALUES (?, ?, ?, ?) ON CONFLICT (member, purpose) DO UPDATE"
        " SET version = excluded.version, data = excluded.data"
        " WHERE excluded.version > consents.version",
        (consent.member, consent.purpose, consent.version, consent.model_dump_json()),
    )


def _keep_day(connection: sqlite3.Connection, day: TrafficDay) -> None:
    connection.execute(
        "INSERT INTO days VALUES (?, ?, ?, ?) ON CONFLICT (store, day) DO UPDATE"
        " SET at = excluded.at, data = excluded.data WHERE excluded.at > days.at",
        (day.store, day.day, day.updated_at.timestamp(), day.model_dump_json()),
    )
    for hour in day.hours:
        told = {
            **hour.model_dump(),
            "store": day.store,
            "day": day.day,
            "withheld_below": day.withheld_below,
            "updated_at": day.updated_at,
        }
        _keep_hour(connection, TrafficHour.model_validate(told))


def _keep_hour(connection: sqlite3.Connection, hour: TrafficHour) -> None:
    connection.execute(
        "INSERT INTO hours VALUES (?, ?, ?, ?) ON CONFLICT (store, start) DO UPDATE"
        " SET at = excluded.at, data = excluded.data WHERE excluded.at > hours.at",
        (hour.store, hour.start.timestamp(), hour.updated_at.timestamp(), hour.model_dump_json()),
    )


def _keep_sensor(connection: sqlite3.Connection, health: SensorHealth) -> None:
    connection.execute(
        "INSERT INTO sensors VALUES (?, ?, ?, ?) ON CONFLICT (store, name) DO UPDATE"
        " SET at = excluded.at, data = excluded.data WHERE excluded.at > sensors.at",
        (health.store, health.sensor, health.updated_at.timestamp(), health.model_dump_json()),
    )
