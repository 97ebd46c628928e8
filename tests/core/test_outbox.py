import json

import pytest
import sqlalchemy as sa
import ulid

from core import outbox
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType

PHONE = "+8613800138000"


def add(session, sealer, now, **data):
    return outbox.add(session, sealer, EventType.MEMBER_ENROLLED, subject="M1", data=data, now=now)


def rows(database):
    with database.reading() as session:
        return list(session.scalars(sa.select(OutboxEvent).order_by(OutboxEvent.id)))


def test_an_event_waits_from_the_moment_it_happened(any_database, sealer, now):
    with any_database.writing() as session:
        event_id = add(session, sealer, now, phone=PHONE)

    [row] = rows(any_database)
    assert (row.event_id, row.type, row.subject) == (event_id, "doorman.member.enrolled", "M1")
    assert (row.state, row.attempts, row.last_error) == (OutboxState.WAITING, 0, "")
    assert row.occurred_at == row.next_attempt_at == now
    assert str(ulid.ULID.from_str(event_id)) == event_id


def test_an_event_of_a_change_that_fails_never_was(any_database, sealer, now):
    with pytest.raises(RuntimeError), any_database.writing() as session:
        add(session, sealer, now)
        session.flush()
        raise RuntimeError

    assert rows(any_database) == []


def test_what_an_event_says_is_sealed(database, sealer, now):
    with database.writing() as session:
        add(session, sealer, now, phone=PHONE, name="王")

    [row] = rows(database)
    assert PHONE.encode() not in row.sealed_data
    opened = sealer.open(outbox.DATA, row.sealed_data)
    assert json.loads(opened) == {"phone": PHONE, "name": "王"}


def test_the_database_file_holds_no_phone_number(database, sealer, now, in_memory):
    with database.writing() as session:
        add(session, sealer, now, phone=PHONE)
    database.dispose()

    files = b"".join(path.read_bytes() for path in in_memory.glob("doorman.sqlite*"))
    assert b"doorman.member.enrolled" in files
    assert PHONE.encode() not in files


def test_events_keep_the_order_in_which_they_were_added(any_database, sealer, now):
    with any_database.writing() as session:
        added = [add(session, sealer, now) for _ in range(20)]

    assert [row.event_id for row in rows(any_database)] == added
    assert len(set(added)) == 20


def test_what_is_no_json_is_refused_before_it_is_queued(database, sealer, now):
    with pytest.raises(TypeError), database.writing() as session:
        add(session, sealer, now, phone=object())

    assert rows(database) == []
