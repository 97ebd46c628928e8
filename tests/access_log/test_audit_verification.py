import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa
from alembic import command

from access_log import audit_verification
from access_log.anchoring import Anchor
from access_log.verification import Fault
from core import audit_chain, chain, migrate, periods
from core.database import Database
from core.models.audit_entry import AuditEntry, AuditHead
from core.models.user import Role

DAY = dt.timedelta(days=1)


@dataclasses.dataclass
class Log:
    database: Database
    now: dt.datetime

    def add(self, count=1):
        with self.database.writing() as session:
            for number in range(count):
                session.add(
                    AuditEntry(
                        at=self.now,
                        user_name="alice",
                        role=Role.MANAGER,
                        action="members.page",
                        number=number,
                    )
                )

    def do(self, *statements):
        with self.database.writing() as session:
            for each in statements:
                session.execute(each)

    def rows(self):
        with self.database.reading() as session:
            wanted = sa.select(*AuditEntry.__table__.columns).order_by(AuditEntry.id)
            return [each._asdict() for each in session.execute(wanted)]

    def trouble(self, *anchors):
        verdict = audit_verification.verify(self.database, self.now, anchors)
        return verdict.fault and (verdict.at, verdict.fault)


@pytest.fixture
def log(any_database, now):
    return Log(any_database, now)


@pytest.fixture
def eight(log):
    for _ in range(4):
        log.add(2)
        log.now += DAY
    return log


def test_an_empty_log_and_a_whole_one_are_whole(log):
    assert log.trouble() is None
    log.add(3)

    verdict = audit_verification.verify(log.database, log.now)
    assert (verdict.fault, verdict.entries, verdict.number) == (None, 3, 3)
    assert audit_verification.head(log.database) == Anchor(3, verdict.hash)


def test_what_is_rolled_back_leaves_no_gap(log):
    log.add()
    with pytest.raises(ZeroDivisionError), log.database.writing() as session:
        session.add(AuditEntry(at=log.now, action="gone.page"))
        session.flush()
        1 / 0  # noqa: B018 - what goes wrong
    log.add()

    assert [row["id"] for row in log.rows()] == [1, 2]
    assert log.trouble() is None


def of(number):
    return AuditEntry.id == number


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        pytest.param(sa.delete(AuditEntry).where(of(5)), (5, Fault.MISSING), id="gone"),
        pytest.param(sa.delete(AuditEntry).where(of(1)), (1, Fault.MISSING), id="first-gone"),
        pytest.param(sa.delete(AuditEntry).where(of(8)), (8, Fault.MISSING), id="last-gone"),
        pytest.param(
            sa.update(AuditEntry).where(of(4)).values(user_name="bob"),
            (4, Fault.CHANGED),
            id="another-user",
        ),
        pytest.param(
            sa.update(AuditEntry).where(of(4)).values(role=Role.IT),
            (4, Fault.CHANGED),
            id="another-role",
        ),
        pytest.param(
            sa.update(AuditEntry).where(of(8)).values(refused_with=403),
            (8, Fault.CHANGED),
            id="refused-after-all",
        ),
        pytest.param(
            sa.update(AuditEntry).where(of(6)).values(id=9), (6, Fault.MISSING), id="moved"
        ),
        pytest.param(sa.update(AuditHead).values(number=7), (8, Fault.ADDED), id="head-set-back"),
        pytest.param(
            sa.update(AuditHead).values(hash=bytes(32)), (8, Fault.DAY_CHANGED), id="head-changed"
        ),
        pytest.param(sa.delete(AuditHead), (1, Fault.ADDED), id="head-gone"),
    ],
)
def test_the_first_entry_concerned_is_named(eight, statement, told):
    eight.do(statement)

    assert eight.trouble() == told


def test_entries_that_traded_places_or_stand_there_twice_are_told(eight):
    rows = {row["id"]: row for row in eight.rows()}
    eight.do(
        sa.delete(AuditEntry).where(AuditEntry.id.in_([3, 5])),
        sa.insert(AuditEntry).values([rows[3] | {"id": 5}, rows[5] | {"id": 3}]),
    )
    assert eight.trouble() == (3, Fault.REORDERED)

    eight.do(
        sa.delete(AuditEntry).where(AuditEntry.id.in_([3, 5])),
        sa.insert(AuditEntry).values([rows[3], rows[3] | {"id": 5}]),
    )
    assert eight.trouble() == (5, Fault.DOUBLED)


def test_the_oldest_go_in_due_time_and_verification_goes_on_behind_them(eight, now):
    eight.now = now + periods.AUDIT_ENTRY + DAY * 1.5
    with eight.database.writing() as session:
        assert audit_chain.forget(session, eight.now) == 4

    verdict = audit_verification.verify(eight.database, eight.now)
    assert (verdict.fault, verdict.forgotten, verdict.entries) == (None, 4, 4)
    eight.now += 30 * DAY
    with eight.database.writing() as session:
        assert audit_chain.forget(session, eight.now) == 4
        assert audit_chain.forget(session, eight.now) == 0
    eight.add()
    assert eight.trouble() is None
    assert [row["id"] for row in eight.rows()] == [9]


def test_an_entry_that_is_to_stay_keeps_those_after_it(log):
    """A clock that ran ahead wrote the first one."""
    log.now += DAY
    log.add()
    log.now -= DAY
    log.add()
    log.now += periods.AUDIT_ENTRY + DAY / 2

    with log.database.writing() as session:
        assert audit_chain.forget(session, log.now) == 0


def test_what_was_deleted_before_it_was_due_is_told(eight):
    fourth = eight.rows()[3]
    stump = {"forgotten": 4, "forgotten_hash": fourth["hash"], "forgotten_on": eight.now}
    gone = sa.delete(AuditEntry).where(AuditEntry.id <= 4)
    eight.do(gone, sa.update(AuditHead).values(**stump, forgotten_until=fourth["at"]))
    assert eight.trouble() == (1, Fault.DELETED_EARLY)

    # Nor does a date help that is yet to come.
    eight.do(sa.update(AuditHead).values(forgotten_on=eight.now + 2 * periods.AUDIT_ENTRY))
    assert eight.trouble() == (1, Fault.DELETED_EARLY)


def test_a_chain_that_was_written_anew_does_not_lead_through_where_it_stood(eight, sealer):
    stood = audit_verification.head(eight.database)
    audit_verification.write_down(eight.database, sealer, stood, eight.now)
    assert audit_verification.written_down(eight.database, sealer) == [stood]
    assert eight.trouble(stood) is None

    eight.do(sa.delete(AuditEntry), sa.delete(AuditHead))
    eight.add(3)
    assert eight.trouble() is None
    assert eight.trouble(stood) == (4, Fault.MISSING)
    eight.add(6)
    assert eight.trouble(stood) == (8, Fault.NOT_AS_ANCHORED)


@pytest.fixture(params=["sqlite", "postgresql"])
def of_before(request, tmp_path, now):
    """A store's database as it was before there was a chain: three entries with a gap."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'before.sqlite'}")
    else:
        database = Database(request.getfixturevalue("new_postgresql")())
    config = migrate._config(migrate.STORE)
    with database.engine.execution_options(doorman_write=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0030")
        entries = sa.Table("audit_entries", sa.MetaData(), autoload_with=connection)
        for number in (2, 5, 6):
            row = {"id": number, "at": now, "user_name": "alice", "role": "it", "action": "a"}
            connection.execute(sa.insert(entries).values(row))
    yield database
    database.dispose()


def test_entries_from_before_the_chain_begin_it_and_that_is_said(of_before, now):
    migrate.upgrade(of_before)
    log = Log(of_before, now + DAY)
    log.add()

    verdict = audit_verification.verify(of_before, log.now + 400 * 30 * DAY)
    assert (verdict.fault, verdict.entries, verdict.chained_later) == (None, 5, 3)
    assert [row["id"] for row in log.rows()] == [1, 2, 3, 4, 5]
    log.do(sa.update(AuditEntry).where(of(2)).values(action="b"))
    assert log.trouble() == (2, Fault.CHANGED)


def test_two_equal_entries_have_hashes_of_which_neither_tells(log):
    log.add(2)

    first, second = log.rows()
    assert first["salt"] != second["salt"]
    assert chain.FIRST not in {first["hash"], second["hash"]}
