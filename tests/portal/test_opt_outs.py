import datetime as dt
import zoneinfo

import pytest
import sqlalchemy as sa

from core.do_not_count import DoNotCountKey
from core.mac import Mac
from core.models.opt_out import OptOut
from portal.opt_outs import OptOutDesk

ALICE = Mac.parse("da:2e:f9:a4:1b:07")
BOB = Mac.parse("da:2e:f9:a4:1b:08")
SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")


@pytest.fixture
def desk():
    return OptOutDesk(DoNotCountKey(bytes(32)), 30, SHANGHAI)


def test_leaves_out_who_asks_until_the_end_of_the_last_day(desk, any_database, now):
    with any_database.writing() as session:
        desk.leave_out(session, ALICE, now)

    with any_database.reading() as session:
        until = desk.until(session, ALICE, now)
        assert until == dt.datetime(2026, 6, 16, tzinfo=SHANGHAI)
        assert desk.until(session, BOB, now) is None
        assert desk.until(session, ALICE, until) is None


def test_who_asks_again_has_the_whole_time_again(desk, any_database, now):
    for days in (0, 7):
        with any_database.writing() as session:
            desk.leave_out(session, ALICE, now + dt.timedelta(days=days))

    with any_database.reading() as session:
        assert desk.until(session, ALICE, now) == dt.datetime(2026, 6, 23, tzinfo=SHANGHAI)
        assert session.scalar(sa.select(sa.func.count()).select_from(OptOut)) == 1


def test_who_wishes_is_counted_again(desk, database, now):
    with database.writing() as session:
        desk.leave_out(session, ALICE, now)
        desk.leave_out(session, BOB, now)
        session.flush()
        desk.count_again(session, ALICE)

    with database.reading() as session:
        assert desk.until(session, ALICE, now) is None
        assert desk.until(session, BOB, now) is not None


def test_the_list_has_whose_time_is_not_over(desk, database, now):
    with database.writing() as session:
        desk.leave_out(session, ALICE, now - dt.timedelta(days=40))
        desk.leave_out(session, BOB, now)

    with database.reading() as session:
        listed = desk.listed(session, now)

    assert (listed.covers(ALICE.octets), listed.covers(BOB.octets)) == (False, True)


def test_a_row_names_neither_the_phone_nor_the_moment(desk, database, now):
    with database.writing() as session:
        desk.leave_out(session, ALICE, now)
        desk.leave_out(session, BOB, now + dt.timedelta(hours=1))

    with database.reading() as session:
        rows = session.scalars(sa.select(OptOut)).all()
        assert len({row.until for row in rows}) == 1
        assert all(ALICE.octets not in row.entry for row in rows)
