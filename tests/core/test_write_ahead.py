import datetime as dt
import sqlite3
from pathlib import Path

import sqlalchemy as sa

from core import sightings, write_ahead
from core.database import Database
from core.models.member import Member
from tests.core.test_database import member


def names(count, start=0):
    return [f"01J{number:023}" for number in range(start, start + count)]


def enrol(database, now, wanted):
    with database.writing() as session:
        session.add_all(member(now, name) for name in wanted)


def enrolled(database):
    with database.reading() as session:
        return sorted(session.scalars(sa.select(Member.public_id)))


def test_commits_do_not_make_a_lengthened_log_longer(database, now):
    log = write_ahead.path_of(Path(database.engine.url.database))
    database.lengthen_log()
    length = log.stat().st_size
    assert length == write_ahead.length_of(8000, 1024)

    for start in range(0, 30, 10):
        enrol(database, now, names(10, start))

    assert log.stat().st_size == length
    assert enrolled(database) == names(30)


def test_lengthened_among_the_commits_of_another_it_takes_none_of_them(database, now, tmp_path):
    """What a program killed at any moment would leave behind is read as the next would read it."""
    file = Path(database.engine.url.database)
    other = Database(f"sqlite:///{file}")
    log = write_ahead.path_of(file)
    enrol(other, now, names(5))
    before = log.stat().st_size
    database.lengthen_log()
    enrol(other, now, names(5, 5))

    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(file.read_bytes())
    write_ahead.path_of(copy).write_bytes(log.read_bytes())
    assert before < log.stat().st_size
    found = Database(f"sqlite:///{copy}")
    assert enrolled(found) == names(10)
    with found.reading() as session:
        assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
    found.dispose()
    other.dispose()


def test_a_day_file_is_written_to_inside_its_log(tmp_path):
    day = dt.date(2026, 5, 16)
    file = sightings.DayFile(tmp_path, day)
    log = write_ahead.path_of(sightings.path_of(tmp_path, day))
    length = log.stat().st_size
    for _ in range(5):
        file.append([], {"frames": 1})

    assert log.stat().st_size == length > 1 << 20
    with sightings.reading(tmp_path, day) as connection:
        assert connection.execute("SELECT value FROM tallies").fetchone() == (5,)
    file.close()


def test_a_log_that_is_long_enough_is_left_alone(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"frames")

    assert not write_ahead.lengthen(log, 6)
    assert log.read_bytes() == b"frames"
    assert not write_ahead.lengthen(log, 9)
    assert log.read_bytes() == b"frames\0\0\0"
    assert write_ahead.lengthen(log, 3 << 20)


def test_the_log_is_as_long_as_sqlite_makes_it(tmp_path):
    connection = sqlite3.connect(tmp_path / "any.sqlite", isolation_level=None)
    connection.execute("PRAGMA page_size=1024")
    connection.execute("PRAGMA journal_mode=WAL")
    # Its head, its schema: two pages.
    connection.execute("CREATE TABLE one (number INTEGER)")

    size = write_ahead.path_of(tmp_path / "any.sqlite").stat().st_size
    assert size == write_ahead.length_of(2, 1024)
    connection.close()
