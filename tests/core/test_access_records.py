"""Several who write at once: what PostgreSQL lets happen side by side, and SQLite does not."""

import concurrent.futures
import threading

import pytest
import sqlalchemy as sa

from access_log import verification
from core import access_records, session_records
from core.access_records import Draft
from core.mac import Mac
from core.metrics import counting
from core.models.access_record import AccessRecord, Kind
from core.models.grant import Grant
from core.session_records import Change
from tests import running_grant

ALICE = Mac.parse("02:00:00:00:00:0a")
WRITERS, TURNS = 4, 8


def test_writers_at_once_make_one_chain(any_database, sealer, now):
    ready = threading.Barrier(WRITERS)

    def write(_):
        ready.wait()
        for _ in range(TURNS):
            with any_database.writing() as session:
                drafts = [Draft(Kind.CLOCK, now, {}) for _ in range(2)]
                access_records.note(session, sealer, *drafts)

    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))

    verdict = verification.verify(any_database, sealer, now)
    assert (verdict.trouble, verdict.rows) == (None, WRITERS * TURNS * 2)


# SQLite has one writer at a time, whatever they write.
@pytest.mark.parametrize("any_database", ["postgresql"], indirect=True)
def test_who_waits_for_the_gate_keeps_nobody_from_writing(any_database, sealer, now):
    with any_database.writing() as slow:
        access_records.note(slow, sealer, Draft(Kind.CLOCK, now, {}))
        slow.execute(sa.select(sa.func.now()))
        with any_database.writing() as quick:
            quick.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
            access_records.note(quick, sealer, Draft(Kind.CLOCK, now, {}))

    assert verification.verify(any_database, sealer, now).rows == 2


def test_a_row_tells_of_the_grant_as_it_is_then(any_database, sealer, now):
    number = running_grant.give(any_database, sealer, ALICE, now)
    with any_database.writing() as session:
        grant = session.get_one(Grant, number)
        grant.bytes_up = 5
        session_records.changed(session, sealer, grant, Change.HELD, now)
    with any_database.reading() as session:
        [row] = session.scalars(sa.select(AccessRecord)).all()
        grant = session.get_one(Grant, number)

    assert (row.session_id, grant.bytes_up) == (grant.session_id, 5)
    assert b'"up":5' in sealer.open("access_records.sealed_body", row.sealed_body)


def test_rows_that_cannot_be_written_are_counted_and_what_was_undone_is_not(
    any_database, sealer, now
):
    def failures():
        found = {family.name: family for family in counting.collect()}
        return found["doorman_access_log_failures"].samples[0].value

    def fail(where):
        with any_database.writing() as session:
            access_records.note(session, sealer, Draft(Kind.CLOCK, now, {}))
            session.flush()
            if where == "before":
                raise ZeroDivisionError
            sa.event.listen(session, "before_commit", _refuse)

    before = failures()
    with pytest.raises(ZeroDivisionError):
        fail("before")
    assert failures() == before
    with pytest.raises(sa.exc.OperationalError):
        fail("at the end")
    assert failures() == before + 1


def _refuse(session):
    raise sa.exc.OperationalError("INSERT", {}, Exception("database or disk is full"))
