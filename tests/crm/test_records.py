import datetime as dt

import pytest
import sqlalchemy as sa

from core import retention
from core.models.crm_record import CrmRecord
from core.models.member import Member
from core.sealing import Sealer
from crm.records import MEMBER, Record, Records


@pytest.fixture
def records(any_database, sealer, now):
    return Records(any_database, sealer, "tryton", lambda: now)


def test_what_was_written_is_found_again(records):
    records.write(MEMBER, [Record("A", "7", 3), Record("B", "8", 1)])

    assert records.find(MEMBER, ["A", "C"]) == {"A": Record("A", "7", 3)}


def test_kinds_and_connectors_know_nothing_of_each_other(records, any_database, sealer, now):
    records.write(MEMBER, [Record("A", "7", 3)])

    assert records.find("note", ["A"]) == {}
    assert Records(any_database, sealer, "hubspot", lambda: now).find(MEMBER, ["A"]) == {}


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        pytest.param(Record("A", "7", 3), Record("A", "8", 4), Record("A", "8", 4), id="newer"),
        pytest.param(Record("A", "7", 3), Record("A", "8", 2), Record("A", "8", 3), id="older"),
        pytest.param(Record("A", "7", 3), Record("A", "", 4), Record("A", "7", 4), id="no-new-id"),
        pytest.param(
            Record("A", "7", 3),
            Record("A", is_gone=True),
            Record("A", "", 3, is_gone=True),
            id="gone",
        ),
        pytest.param(
            Record("A", "", 3, is_gone=True),
            Record("A", "7", 9),
            Record("A", "", 3, is_gone=True),
            id="gone-for-good",
        ),
    ],
)
def test_the_newest_version_and_the_latest_id_count_and_gone_is_final(records, first, second, kept):
    records.write(MEMBER, [first])
    records.write(MEMBER, [second])

    assert records.find(MEMBER, ["A"]) == {"A": kept}


@pytest.mark.parametrize(
    ("record", "version", "has"),
    [
        pytest.param(Record("A", "7", 3), 3, True, id="the-same"),
        pytest.param(Record("A", "7", 3), 4, False, id="newer"),
        pytest.param(Record("A", "", 3, is_gone=True), 4, True, id="gone"),
        pytest.param(Record("A", "7", 3), 0, True, id="from-before-versions"),
        pytest.param(Record("A", "7", 0), 0, False, id="both-from-before-versions"),
    ],
)
def test_says_whether_the_crm_has_it(record, version, has):
    assert record.has(version) is has


def test_who_has_a_record_of_the_crms_is_who_had_it_last_and_has_it_still(records, any_database):
    for member in ("A", "B"):
        records.write(MEMBER, [Record(member, "13800138000")])
        records.hold("13800138000", member)
    assert records.holder("13800138000") == "B"
    assert records.holder("13900139000") == ""

    records.write(MEMBER, [Record("B", "13900139000")])
    assert records.holder("13800138000") == ""

    records.release(["13800138000"])
    with any_database.reading() as session:
        assert {row.kind for row in session.scalars(sa.select(CrmRecord))} == {MEMBER}


def test_many_are_found_in_several_questions(records):
    many = [Record(f"{number:04}", str(number), 1) for number in range(1101)]
    records.write(MEMBER, many)

    assert records.find(MEMBER, [each.local_id for each in many]) == {
        each.local_id: each for each in many
    }


def test_the_crms_ids_are_sealed(records, any_database):
    records.write(MEMBER, [Record("A", "wmOpenIdOfAPerson", 1)])

    with any_database.reading() as session:
        [row] = session.scalars(sa.select(CrmRecord))
    assert b"wmOpenId" not in row.sealed_remote_id
    assert "wmOpenId" not in repr(records.find(MEMBER, ["A"]))


def test_an_id_that_does_not_open_is_as_good_as_unknown(records, any_database, now):
    records.write(MEMBER, [Record("A", "7", 3)])

    stranger = Records(any_database, Sealer(bytes(32)), "tryton", lambda: now)
    assert stranger.find(MEMBER, ["A"]) == {"A": Record("A", "", 3)}


def test_only_members_that_are_there_are_remembered_for_good(records, any_database, now):
    records.write(MEMBER, [Record("A", "7", 3), Record("B", is_gone=True)])
    records.write("note", [Record("01", "5")])

    with any_database.writing() as session:
        session.add(Member(public_id="A", language="zh", enrolled_at=now))
    with any_database.writing() as session:
        retention.forget(session, now + dt.timedelta(days=366))
    assert list(records.find(MEMBER, ["A", "B"])) == ["A"]
    assert records.find("note", ["01"]) == {}
