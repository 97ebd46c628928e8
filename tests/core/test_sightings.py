import datetime as dt
import os
import sqlite3
import zoneinfo

import pytest

from core import sightings
from core.sightings import DayFile, Sighting

DAY = dt.date(2026, 5, 16)


def sighting(heard_at_us=1):
    return Sighting(heard_at_us, 17, 42, True, -60, 6, "sensor-1")


def test_keeps_what_it_is_given_and_adds_up_the_tallies(tmp_path):
    file = DayFile(tmp_path, DAY)
    file.append([sighting(1), sighting(2)], {"frames": 5})
    file.append([sighting(3)], {"frames": 4, "rejected.truncated": 1})
    file.close()

    with sightings.reading(tmp_path, DAY) as connection:
        assert connection.execute("SELECT count(*) FROM sightings").fetchone() == (3,)
        assert dict(connection.execute("SELECT * FROM tallies")) == {
            "frames": 9,
            "rejected.truncated": 1,
        }


def test_what_another_sensor_heard_better_stands_in_place_of_what_was_there(tmp_path):
    better = sighting(1)._replace(signal_dbm=-40, frequency_mhz=2412, sensor="corner")
    file = DayFile(tmp_path, DAY)
    file.append([sighting(1), sighting(2)], {})
    file.append([], {}, amended=[better, sighting(3), better._replace(address=18)])
    file.close()

    with sightings.reading(tmp_path, DAY) as connection:
        rows = connection.execute("SELECT * FROM sightings ORDER BY heard_at_us").fetchall()
    assert [Sighting(*row) for row in rows] == [better, sighting(2)]


def test_a_batch_that_fails_leaves_nothing_of_itself(tmp_path):
    file = DayFile(tmp_path, DAY)
    broken = Sighting(None, 1, 1, True, None, None, "s")

    with pytest.raises(sqlite3.IntegrityError):
        file.append([sighting(), broken], {"frames": 2})
    file.append([sighting()], {"frames": 1})

    with sightings.reading(tmp_path, DAY) as connection:
        assert connection.execute("SELECT count(*) FROM sightings").fetchone() == (1,)


def test_is_read_while_it_is_written(tmp_path):
    file = DayFile(tmp_path, DAY)
    file.append([sighting()], {})

    with sightings.reading(tmp_path, DAY) as connection:
        file.append([sighting()], {})
        assert connection.execute("SELECT count(*) FROM sightings").fetchone() == (2,)


def test_a_reader_cannot_write(tmp_path):
    DayFile(tmp_path, DAY).close()

    with (
        sightings.reading(tmp_path, DAY) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("DELETE FROM sightings")


def test_a_day_forgotten_leaves_no_file(tmp_path):
    file = DayFile(tmp_path, DAY)
    file.append([sighting()], {})

    sightings.remove(tmp_path, DAY)

    assert list(tmp_path.iterdir()) == []
    sightings.remove(tmp_path, DAY)
    with pytest.raises(FileNotFoundError):
        sightings.reading(tmp_path, DAY).__enter__()


SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
ITS_END = dt.datetime(2026, 5, 16, 16, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def written(folder, name, at):
    path = folder / name
    path.touch()
    os.utime(path, (at.timestamp(), at.timestamp()))


@pytest.mark.parametrize(
    ("after_end", "written_ago", "stays"),
    [
        pytest.param(23 * HOUR, 23 * HOUR, False, id="a day after it ended"),
        pytest.param(22 * HOUR, 22 * HOUR, True, id="not yet a day"),
        pytest.param(900 * HOUR, HOUR / 2, True, id="an old recording just played back"),
        pytest.param(900 * HOUR, HOUR, False, id="an old recording, an hour later"),
        pytest.param(900 * HOUR, -50 * HOUR, False, id="written by a clock that was ahead"),
    ],
)
def test_a_day_is_forgotten_a_day_after_its_end(tmp_path, after_end, written_ago, stays):
    now = ITS_END + after_end
    for suffix in ("", "-wal", "-shm", "-journal"):
        written(tmp_path, f"sightings-2026-05-16.sqlite{suffix}", now - written_ago)

    gone = sightings.remove_overdue(tmp_path, SHANGHAI, now)

    assert gone == ([] if stays else [DAY])
    assert len(list(tmp_path.iterdir())) == (4 if stays else 0)


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
def test_what_lies_beside_a_file_that_is_gone_is_forgotten_too(tmp_path, suffix):
    written(tmp_path, f"sightings-2026-05-16.sqlite{suffix}", ITS_END)
    written(tmp_path, "sightings-notes.sqlite", ITS_END)

    assert sightings.remove_overdue(tmp_path, SHANGHAI, ITS_END + 24 * HOUR) == [DAY]

    assert [path.name for path in tmp_path.iterdir()] == ["sightings-notes.sqlite"]


def test_there_need_be_nothing_to_forget(tmp_path):
    assert sightings.remove_overdue(tmp_path / "none", SHANGHAI, ITS_END) == []


def test_lists_days_and_nothing_else(tmp_path):
    for day in (DAY, DAY - dt.timedelta(days=1)):
        DayFile(tmp_path, day).close()
    (tmp_path / "sightings-notes.sqlite").touch()

    assert sightings.days_in(tmp_path) == [DAY - dt.timedelta(days=1), DAY]
