import datetime as dt
import json

import pytest
import sqlalchemy as sa

from access_log.requests import (
    Desk,
    GoneError,
    NotAgreedError,
    SamePersonError,
    State,
    Wanted,
)
from core.models.access_export import AccessExport
from core.models.access_record import BODY, AccessRecord

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def desk(any_database, sealer):
    return Desk(any_database, sealer, four_eyes=True, lifetime=24 * HOUR)


@pytest.fixture
def wanted(now):
    return Wanted(
        officer="A. Wong 12345", reason="file 7", since=now, until=now, phone="+8613800138000"
    )


def rows(desk):
    wanted = sa.select(AccessRecord.sealed_body).order_by(AccessRecord.number)
    with desk.database.reading() as session:
        return [json.loads(desk.sealer.open(BODY, each)) for each in session.scalars(wanted)]


def test_what_was_agreed_to_is_given_to_whoever_asked_and_each_step_is_a_row(desk, wanted, now):
    number = desk.ask(wanted, "alice", now)
    with pytest.raises(NotAgreedError):
        desk.give_out(number, "alice", now, "csv")
    desk.decide(number, "bob", now, approve=True)

    assert desk.give_out(number, "alice", now, "csv") == wanted
    steps = rows(desk)
    assert [(each["what"], each["who"], each["request"]) for each in steps] == [
        ("asked", "alice", number),
        ("approved", "bob", number),
        ("export", "alice", number),
    ]
    assert steps[2]["approved_by"] == "bob"
    for each in (steps[0], steps[2]):
        assert (each["officer"], each["reason"]) == ("A. Wong 12345", "file 7")
        assert each["asked"]["phone"] == "+8613800138000"


@pytest.mark.parametrize(("asker", "other"), [("alice", "system:alice"), ("system:alice", "alice")])
def test_nobody_agrees_to_what_they_have_asked_for_themselves(desk, wanted, now, asker, other):
    number = desk.ask(wanted, asker, now)

    for same in (asker, other):
        with pytest.raises(SamePersonError):
            desk.decide(number, same, now, approve=True)
    assert [each["what"] for each in rows(desk)] == ["asked"]


def test_what_was_refused_or_decided_stays_so(desk, wanted, now):
    number = desk.ask(wanted, "alice", now)
    desk.decide(number, "bob", now, approve=False)

    with pytest.raises(GoneError):
        desk.decide(number, "charlie", now, approve=True)
    with pytest.raises(GoneError):
        desk.give_out(number, "alice", now, "csv")
    assert desk.find(number, now).state is State.REFUSED


def test_nothing_is_given_to_anybody_else_or_after_its_time(desk, wanted, now):
    number = desk.ask(wanted, "alice", now)
    late = desk.ask(wanted, "alice", now)
    desk.decide(number, "bob", now, approve=True)

    with pytest.raises(GoneError):
        desk.give_out(number, "bob", now, "csv")
    with pytest.raises(GoneError):
        desk.give_out(number, "alice", now + 24 * HOUR, "csv")
    with pytest.raises(GoneError):
        desk.decide(late, "bob", now + 24 * HOUR, approve=True)
    assert {each.state for each in desk.listed(now + 24 * HOUR)} == {State.EXPIRED}
    assert desk.find(99, now) is None


def test_without_four_eyes_it_is_given_out_at_once_but_not_once_they_are_set(
    desk, any_database, sealer, wanted, now
):
    alone = Desk(any_database, sealer, four_eyes=False, lifetime=24 * HOUR)
    number = alone.ask(wanted, "alice", now)
    assert alone.give_out(number, "alice", now, "json") == wanted

    assert desk.find(number, now).state is State.WAITING
    with pytest.raises(NotAgreedError):
        desk.give_out(number, "alice", now, "json")


def test_whom_it_is_about_is_sealed(desk, wanted, now):
    desk.ask(wanted, "alice", now)

    with desk.database.reading() as session:
        stored = str(session.execute(sa.select(AccessExport.__table__)).all())
    assert "138000" not in stored
    assert "Wong" not in stored
    assert "Wong" not in repr(wanted)
    assert "138000" not in repr(wanted)
