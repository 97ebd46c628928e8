import contextlib
import datetime as dt
import socket
import threading

import pytest
import sqlalchemy as sa

from core.database import Database, UnfitValueError
from core.models.member import Member


def member(now, public_id="01J00000000000000000000000"):
    return Member(public_id=public_id, language="zh", enrolled_at=now)


def test_a_time_keeps_its_moment_and_its_zone(any_database, now):
    shanghai = now.astimezone(dt.timezone(dt.timedelta(hours=8)))
    with any_database.writing() as session:
        session.add(member(shanghai))

    with any_database.reading() as session:
        stored = session.scalars(sa.select(Member.enrolled_at)).one()
    assert (stored, stored.utcoffset()) == (now, dt.timedelta(0))


def test_a_time_without_a_zone_is_refused(database, now):
    with pytest.raises(sa.exc.StatementError, match="zone"), database.writing() as session:
        session.add(member(now.replace(tzinfo=None)))
        session.flush()


def test_an_error_inside_a_transaction_leaves_nothing(any_database, now):
    with pytest.raises(RuntimeError), any_database.writing() as session:
        session.add(member(now))
        session.flush()
        raise RuntimeError

    with any_database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Member.id))) == 0


def test_a_failing_statement_does_not_print_its_row(any_database, now):
    with any_database.writing() as session:
        session.add(member(now))

    with pytest.raises(sa.exc.IntegrityError) as caught, any_database.writing() as session:
        session.add(member(now))
        session.flush()
    assert "2026" not in str(caught.value)


@pytest.mark.parametrize(
    ("column", "value"),
    [("language", "\ud800"), ("version", 10**30), ("language", "\0")],
    ids=["half a character", "too large", "NUL"],
)
def test_a_value_that_no_column_takes_is_an_error_of_its_own(any_database, now, column, value):
    odd = member(now)
    setattr(odd, column, value)
    # SQLite has room for a NUL.
    is_fit = value == "\0" and any_database.engine.name == "sqlite"
    refused = contextlib.nullcontext() if is_fit else pytest.raises(UnfitValueError)

    with refused, any_database.writing() as session:
        session.add(odd)
        session.flush()


def test_readers_that_then_write_wait_for_each_other(database, now):
    """The case that fails at once, whatever the time-out, under SQLite's plain BEGIN."""
    with database.writing() as session:
        session.add(member(now))
    faults = []

    def raise_version():
        try:
            for _ in range(25):
                with database.writing() as session:
                    session.scalars(sa.select(Member)).one().version += 1
        except sa.exc.OperationalError as error:
            faults.append(error)

    threads = [threading.Thread(target=raise_version) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reading() as session:
        assert session.scalars(sa.select(Member.version)).one() == 101
    assert faults == []


def test_threads_queue_where_sqlite_lets_nobody_wait(database, now):
    """It refuses at once here; in a store, whoever found it taken for five seconds."""

    @sa.event.listens_for(database.engine, "connect")
    def never_wait(connection, _):
        connection.execute("PRAGMA busy_timeout=0")

    with database.writing() as session:
        session.add(member(now))
    faults = []

    def raise_version():
        try:
            for _ in range(25):
                with database.writing() as session:
                    session.scalars(sa.select(Member)).one().version += 1
        except sa.exc.OperationalError as error:
            faults.append(error)

    threads = [threading.Thread(target=raise_version) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    with database.reading() as session:
        assert session.scalar(sa.select(Member.version)) == 201


def test_only_what_may_be_lost_does_not_wait_for_the_disk(any_database):
    is_sqlite = any_database.engine.name == "sqlite"
    waits = sa.text("PRAGMA synchronous" if is_sqlite else "SHOW synchronous_commit")
    found = []
    for durable in (True, False, True):
        with any_database.writing(durable=durable) as session:
            found.append(session.scalar(waits))
    assert found == ([2, 1, 2] if is_sqlite else ["on", "off", "on"])


def test_what_asks_for_nothing_waits_for_the_disk(database):
    with database.writing(durable=False):
        pass
    writing = database.engine.execution_options(doorman_write=True)
    with writing.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_server_that_says_nothing_is_not_waited_for_where_that_is_asked():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://u:p@127.0.0.1:{silent.getsockname()[1]}/store"
        database = Database(url, soon=True)
        with pytest.raises(sa.exc.OperationalError, match="timeout"):
            database.engine.connect()
        database.dispose()


def test_no_more_connections_stay_open_than_wanted_and_more_are_had_at_once(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'kept.sqlite'}", kept=2)
    with contextlib.ExitStack() as closing:
        for _ in range(10):
            closing.enter_context(database.reading()).execute(sa.text("PRAGMA user_version"))
        assert database.engine.pool.checkedout() == 10
    assert database.engine.pool.checkedin() == 2

    database.dispose()
