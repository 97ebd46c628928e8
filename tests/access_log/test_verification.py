import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access_log import days, verification
from access_log.verification import Fault
from core import access_records
from core.access_records import Draft
from core.models.access_record import BODY, AccessDay, AccessHead, AccessRecord, Kind
from core.models.every import metadata
from core.sealing import FieldKeys, Sealer
from tests import tables

DAY = dt.timedelta(days=1)
PLACE = {"time_zone": "Asia/Shanghai", "day_begins": "00:00"}


class Log:
    def __init__(self, database, sealer, now):
        self.database, self.sealer, self.now = database, sealer, now

    def add(self, count=1, kind=Kind.CLOCK, **body):
        with self.database.writing() as session:
            drafts = [Draft(kind, self.now, body) for _ in range(count)]
            access_records.note(session, self.sealer, *drafts)

    def do(self, statement, *rows):
        with self.database.writing() as session:
            session.execute(statement, *rows)

    def trouble(self, **asked):
        found = verification.verify(self.database, self.sealer, self.now, **asked).trouble
        return found and (found.number, found.fault)

    def rows(self):
        with self.database.reading() as session:
            query = sa.select(AccessRecord.__table__).order_by(AccessRecord.number)
            return [dict(row) for row in session.execute(query).mappings()]


@pytest.fixture
def log(any_database, sealer, now):
    return Log(any_database, sealer, now)


@pytest.fixture
def three_days(log):
    """Numbers 1 to 12: of each day four, the first of which says where the store is."""
    log.add(kind=Kind.PLACE, **PLACE)
    for day in range(3):
        log.now += DAY if day else dt.timedelta(0)
        log.add(3, seconds=6)
    return log


def test_what_was_written_is_right_and_numbered_without_gaps(three_days):
    verdict = verification.verify(three_days.database, three_days.sealer, three_days.now)

    assert (verdict.trouble, verdict.rows, verdict.number) == (None, 12, 12)
    assert [row["number"] for row in three_days.rows()] == list(range(1, 13))
    assert verdict.hash == three_days.rows()[-1]["hash"]


def test_an_empty_log_is_right(log):
    assert log.trouble() is None


def test_each_day_begins_with_where_the_store_is(three_days):
    first = [row["number"] for row in three_days.rows() if row["kind"] is Kind.PLACE]

    assert first == [1, 5, 9]


def test_a_row_belongs_to_the_store_s_day_and_never_to_one_before_the_last(three_days, now):
    three_days.now = now + 3 * DAY - dt.timedelta(hours=14, minutes=30)
    three_days.add()
    three_days.now -= 5 * DAY
    three_days.add()
    three_days.now += 5 * DAY

    # 00:00 in Shanghai; 16:00 of the day before in UTC. And one of a clock that was set back.
    assert [row["day"] for row in three_days.rows()[-2:]] == [dt.date(2026, 5, 19)] * 2
    assert three_days.trouble() is None


def test_what_is_rolled_back_leaves_no_row(log, any_database, sealer, now):
    with pytest.raises(ZeroDivisionError), any_database.writing() as session:
        access_records.note(session, sealer, Draft(Kind.CLOCK, now, {}))
        1 / 0  # noqa: B018 - what goes wrong

    assert log.rows() == []


def test_two_equal_rows_have_hashes_of_which_neither_tells(log):
    log.add(2, seconds=6)

    first, second = log.rows()
    assert b"seconds" not in first["sealed_body"]
    opened = [log.sealer.open(BODY, row["sealed_body"]) for row in (first, second)]
    assert opened[0] != opened[1]


def test_sealing_anew_with_another_key_changes_nothing(three_days):
    newer = Sealer(
        type(
            "Keys",
            (),
            {"current": lambda _: FieldKeys({1: bytes([1]) * 32, 2: bytes([2]) * 32}, bytes(32))},
        )()
    )
    for row in three_days.rows():
        body = newer.open(BODY, row["sealed_body"])
        sealed = newer.seal(BODY, body)
        three_days.do(
            sa.update(AccessRecord)
            .where(AccessRecord.number == row["number"])
            .values(sealed_body=sealed)
        )

    assert dataclasses.replace(
        verification.verify(three_days.database, newer, three_days.now), hash=b""
    ) == verification.Verdict(rows=12, number=12, hash=b"")


def test_a_key_that_is_lost_is_told_from_a_row_that_was_changed(three_days):
    three_days.sealer = Sealer(bytes([9]) * 32)
    assert three_days.trouble() == (1, Fault.CHANGED)

    row = three_days.rows()[0]
    other = b"\x07" + row["sealed_body"][1:]
    three_days.do(sa.update(AccessRecord).where(AccessRecord.number == 1).values(sealed_body=other))
    assert three_days.trouble() == (1, Fault.UNREADABLE)


def of(number):
    return AccessRecord.number == number


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        pytest.param(sa.delete(AccessRecord).where(of(6)), (6, Fault.MISSING), id="gone"),
        pytest.param(sa.delete(AccessRecord).where(of(1)), (1, Fault.MISSING), id="first-gone"),
        pytest.param(sa.delete(AccessRecord).where(of(12)), (12, Fault.MISSING), id="last-gone"),
        pytest.param(
            sa.update(AccessRecord).where(of(6)).values(number=13), (6, Fault.MISSING), id="moved"
        ),
        pytest.param(
            sa.update(AccessRecord).where(of(7)).values(session_id="01J"),
            (7, Fault.CHANGED),
            id="changed",
        ),
        pytest.param(
            sa.update(AccessHead).values(number=11), (11, Fault.DAY_CHANGED), id="head-set-back"
        ),
        pytest.param(
            sa.update(AccessDay).where(AccessDay.first == 5).values(last=7),
            (5, Fault.DAY_CHANGED),
            id="day-changed",
        ),
        pytest.param(
            sa.delete(AccessDay).where(AccessDay.first == 5), (9, Fault.DAY_CHANGED), id="day-gone"
        ),
    ],
)
def test_the_first_row_concerned_is_named(three_days, statement, told):
    three_days.do(statement)

    assert three_days.trouble() == told


def swap(log, first, second):
    """Two rows trade their places, hashes and all."""
    rows = {row["number"]: row for row in log.rows()}
    log.do(sa.delete(AccessRecord).where(AccessRecord.number.in_([first, second])))
    log.do(
        sa.insert(AccessRecord),
        [rows[first] | {"number": second}, rows[second] | {"number": first}],
    )


def test_rows_that_traded_places_are_told(three_days):
    swap(three_days, 6, 8)

    assert three_days.trouble() == (6, Fault.REORDERED)


def test_a_row_that_stands_there_twice_is_told(three_days):
    again = three_days.rows()[10] | {"number": 13}
    three_days.do(sa.insert(AccessRecord), [again])
    assert three_days.trouble() == (13, Fault.ADDED)

    three_days.do(sa.update(AccessHead).values(number=13, hash=again["hash"]))
    assert three_days.trouble() == (13, Fault.DOUBLED)


def forget(log, keep=190):
    with log.database.writing() as session:
        return days.forget(session, log.now, keep)


def test_days_that_were_deleted_in_due_time_are_no_trouble(three_days, now):
    assert forget(three_days) == []
    three_days.now += 191 * DAY

    assert forget(three_days) == [dt.date(2026, 5, 16)]
    verdict = verification.verify(three_days.database, three_days.sealer, three_days.now)
    assert (verdict.trouble, verdict.rows, verdict.days_deleted) == (None, 8, 1)


def test_days_that_were_deleted_before_they_were_due_are_told(three_days):
    three_days.now += 100 * DAY
    forget(three_days, keep=90)

    assert three_days.trouble(floor=90) is None
    assert three_days.trouble(floor=183) == (1, Fault.DELETED_EARLY)
    # Nor does a date help that is yet to come.
    three_days.do(sa.update(AccessDay).values(deleted_at=three_days.now + 300 * DAY))
    assert three_days.trouble(floor=183) == (1, Fault.DELETED_EARLY)


def test_a_row_of_a_deleted_day_that_is_there_is_told(three_days):
    row = three_days.rows()[2]
    three_days.now += 191 * DAY
    forget(three_days)
    three_days.do(sa.insert(AccessRecord), [row])

    assert three_days.trouble() == (3, Fault.ADDED)


def test_a_chain_that_was_written_anew_does_not_lead_through_the_anchor(three_days):
    kept = {row["number"]: row["hash"] for row in three_days.rows() if row["number"] in {4, 12}}
    assert three_days.trouble(anchors=kept) is None

    for table in (AccessRecord, AccessDay, AccessHead):
        three_days.do(sa.delete(table))
    three_days.add(11)
    assert three_days.trouble() is None
    assert three_days.trouble(anchors=kept) == (4, Fault.NOT_AS_ANCHORED)
    assert three_days.trouble(anchors={12: kept[12]}) == (12, Fault.MISSING)


_COLUMNS = st.sampled_from(["at", "kind", "session_id", "device_lookup", "sealed_body", "hash"])
_NUMBERS = st.integers(1, 12)


@pytest.fixture(scope="module")
def whole_log(tmp_path_factory):
    """Rows of a log that is right, and where to put them."""
    database = tables.sqlite(tmp_path_factory.mktemp("log") / "log.sqlite", metadata)
    log = Log(database, Sealer(bytes(32)), dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC))
    log.add(12, seconds=6)
    yield log, log.rows()
    database.dispose()


def tampered(row, column, number):
    value = row[column]
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    other = {
        "at": lambda: value + dt.timedelta(microseconds=number),
        "kind": lambda: Kind.READ,
        "session_id": lambda: "01J",
        "device_lookup": lambda: bytes(16),
    }
    return other[column]()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(_NUMBERS, _COLUMNS, max_size=2),
    gone=st.sets(_NUMBERS, max_size=2),
    order=st.permutations(range(1, 13)) | st.just(list(range(1, 13))),
)
def test_whatever_is_done_to_rows_the_first_one_is_named(whole_log, changes, gone, order):
    log, rows = whole_log
    put = []
    for number, source in enumerate(order, 1):
        row = dict(rows[source - 1]) | {"number": number}
        if number in changes:
            row[changes[number]] = tampered(row, changes[number], number)
        if number not in gone:
            put.append(row)
    log.do(sa.delete(AccessRecord))
    log.do(sa.insert(AccessRecord), put)
    wrong = {n for n, source in enumerate(order, 1) if n != source} | changes.keys() | gone

    told = log.trouble()

    assert (told[0] if told else None) == min(wrong, default=None)
