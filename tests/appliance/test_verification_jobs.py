import datetime as dt
import types

import pytest
import sqlalchemy as sa

from access_log import anchoring, verified
from access_log.flows.blocks import Keys
from access_log.flows.bounds import Bounds
from access_log.flows.journal import Journal
from access_log.verified import ACCESS_LOG, AUDIT_LOG, FLOWS, Result
from appliance import verification_jobs
from appliance.verification_jobs import is_due, of_access_log, of_audit_log, of_flows
from core import access_records, clock
from core.access_records import Draft
from core.models.access_record import AccessHead, AccessRecord, Kind
from core.models.audit_entry import AuditEntry, AuditHead
from tests import log_lines
from tests.connections import rows_of, told

HOUR = dt.timedelta(hours=1)
ZONE = clock.StoreZone.of("Asia/Shanghai")
MORNING = dt.datetime(2026, 5, 16, 4, tzinfo=ZONE)


@pytest.fixture
def parts(any_database, sealer, settings, now):
    settings.data_dir.mkdir()
    with any_database.writing() as session:
        drafts = [Draft(Kind.CLOCK, now, {"state": "right"}) for _ in range(3)]
        access_records.note(session, sealer, *drafts)
    return types.SimpleNamespace(settings=settings, database=any_database, sealer=sealer)


def flows(settings, now):
    with Journal(settings.flows_dir, Keys([bytes(32)]), Bounds(190, 1 << 30), now) as journal:
        journal.append(rows_of(told())[0].tobytes(), 0, now)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        pytest.param(None, MORNING, True, id="never-yet"),
        pytest.param(None, MORNING - HOUR, False, id="too-early"),
        pytest.param(MORNING - 24 * HOUR, MORNING, True, id="yesterday"),
        pytest.param(MORNING, MORNING + 19 * HOUR, False, id="today"),
        pytest.param(MORNING - 50 * HOUR, MORNING + 8 * HOUR, True, id="was-off-at-night"),
        pytest.param(MORNING + 90 * HOUR, MORNING, True, id="by-a-clock-that-was-ahead"),
    ],
)
def test_each_log_is_gone_through_once_a_night(last, now, due):
    assert is_due(last and Result(last, "", 0, ""), now, ZONE) is due


def test_a_whole_log_is_whole_and_goes_on_from_where_it_stood(parts, now):
    first = of_access_log(parts, None, now)
    assert (first.trouble, first.count) == ("", 3)
    assert first.head == str(anchoring.head(parts.database))

    with parts.database.writing() as session:
        access_records.note(session, parts.sealer, Draft(Kind.CLOCK, now, {}))
    assert of_access_log(parts, first, now).trouble == ""


def test_a_row_that_was_changed_is_named(parts, now):
    with parts.database.writing() as session:
        session.execute(sa.delete(AccessRecord).where(AccessRecord.number == 2))

    assert of_access_log(parts, None, now).trouble == "row 2 (2026-05-16): missing"


def test_a_log_that_was_written_anew_is_not_the_one_of_last_night(parts, now):
    last = of_access_log(parts, None, now)
    with parts.database.writing() as session:
        session.execute(sa.delete(AccessRecord))
        session.execute(sa.delete(AccessHead))
    with parts.database.writing() as session:
        drafts = [Draft(Kind.CLOCK, now, {"state": "off"}) for _ in range(3)]
        access_records.note(session, parts.sealer, *drafts)

    assert of_access_log(parts, None, now).trouble == ""
    assert "not as anchored" in of_access_log(parts, last, now).trouble


def test_an_audit_log_that_was_written_anew_is_not_the_one_of_last_night(parts, now):
    def write(name):
        with parts.database.writing() as session:
            session.add(AuditEntry(at=now, user_name=name, action="users.add"))

    assert of_audit_log(parts, None, now).trouble == ""
    write("alice")
    last = of_audit_log(parts, None, now)
    assert (last.trouble, last.count) == ("", 1)
    for table in (AuditEntry, AuditHead):
        with parts.database.writing() as session:
            session.execute(sa.delete(table))
    write("mallory")

    assert of_audit_log(parts, None, now).trouble == ""
    assert of_audit_log(parts, last, now).trouble == "entry 1: not as anchored"


def test_the_flow_log_is_gone_through_without_its_key(settings, now):
    assert of_flows(settings, None, now) is None

    flows(settings, now)
    first = of_flows(settings, None, now)
    assert (first.trouble, first.count) == ("", 2)
    for path in settings.flows_dir.glob("*.flows"):
        path.unlink()
    assert of_flows(settings, first, now).trouble == "blocks 1 to 2 are gone"


def test_what_came_of_it_is_kept_and_told(parts, settings, now):
    flows(settings, now)
    with parts.database.writing() as session:
        session.execute(sa.delete(AccessRecord).where(AccessRecord.number == 3))

    with log_lines.written() as lines:
        for _ in range(2):
            verification_jobs.verify(parts, now)

    kept = verified.read(settings.data_dir)
    assert kept[ACCESS_LOG].trouble == "row 3 (2026-05-16): missing"
    assert kept[FLOWS].trouble == ""
    assert kept[AUDIT_LOG].trouble == ""
    assert [(line["log"], line["event"]) for line in lines()] == [
        (ACCESS_LOG, "a log is not as it was written"),
        (AUDIT_LOG, "a log is whole"),
        (FLOWS, "a log is whole"),
    ]
