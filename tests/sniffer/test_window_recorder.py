import datetime as dt
import zoneinfo

import pytest

from core import sightings
from core.sightings import WINDOW_S, Sighting, WindowCount
from sniffer.window_recorder import WindowRecorder

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
DAY = dt.date(2026, 5, 16)
SECOND_US = 1_000_000
WINDOW_US = WINDOW_S * SECOND_US
# Ten in the morning, when a window starts.
TEN_US = int(dt.datetime(2026, 5, 16, 10, tzinfo=SHANGHAI).timestamp()) * SECOND_US


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


def count(start_us, heard):
    return WindowCount(start_us, len({each.address for each in heard}), 0)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def recorder(tmp_path, clock):
    recorder = WindowRecorder(tmp_path, SHANGHAI, count, monotonic=clock)
    recorder.turn_to(DAY)
    return recorder


@pytest.fixture
def written(tmp_path):
    def written():
        with sightings.reading(tmp_path, DAY) as connection:
            assert connection.execute("SELECT * FROM sightings").fetchall() == []
            tallies = dict(connection.execute("SELECT * FROM tallies"))
            rows = connection.execute("SELECT * FROM windows ORDER BY start_us").fetchall()
        return [((start_us - TEN_US) // WINDOW_US, near) for start_us, near, _ in rows], tallies

    return written


def hear(recorder, *seconds, phone=1):
    for second in seconds:
        at_us = TEN_US + int(second * SECOND_US)
        recorder.add(Sighting(at_us, phone, 9, True, -60, 2437, "door"))


def test_writes_how_many_there_were_once_a_window_is_over(recorder, written):
    hear(recorder, -1, 1, 100)
    hear(recorder, 5, phone=2)
    hear(recorder, 239, 240, 249)
    recorder.flush()
    assert not recorder.is_full

    hear(recorder, 250)
    assert recorder.is_full
    recorder.flush()

    assert written()[0] == [(0, 2)]


def test_what_was_heard_better_counts_so_and_once(tmp_path, clock):
    counted = []
    recorder = WindowRecorder(
        tmp_path,
        SHANGHAI,
        lambda start_us, heard: counted.append(list(heard)) or WindowCount(start_us, 1, 0),
        monotonic=clock,
    )
    recorder.turn_to(DAY)
    hear(recorder, -1, 1, 2, 3)
    recorder.amend(Sighting(TEN_US + 2 * SECOND_US, 1, 9, True, -40, 2412, "corner"))
    recorder.amend(Sighting(TEN_US + 2 * SECOND_US, 2, 9, True, -40, 2412, "corner"))
    hear(recorder, 260)
    recorder.flush()

    assert [each.signal_dbm for each in counted[-1]] == [-60, -40, -60]


def test_leaves_out_the_windows_in_which_it_began_and_ended(recorder, written):
    hear(recorder, *range(100, 1000, 10))
    recorder.close()

    assert [window for window, _ in written()[0]] == [1, 2, 3]


def test_leaves_out_the_window_in_which_a_new_source_began(recorder, written):
    hear(recorder, -1, *range(0, 300, 10))
    recorder.close()
    hear(recorder, *range(310, 800, 10))
    recorder.close()

    assert [window for window, _ in written()[0]] == [0, 2]


def test_counts_in_silence_before_anything_is_five_minutes_old(recorder, clock, written):
    hear(recorder, -1, 0)
    clock.seconds = 269
    recorder.flush()
    clock.seconds = 271
    recorder.flush()

    assert written()[0] == [(0, 1)]


def test_what_comes_after_the_count_is_late(recorder, written):
    hear(recorder, -1, 0, 250)
    recorder.flush()
    hear(recorder, 239)
    recorder.tally("frames", 3)
    recorder.close()

    assert written() == ([(0, 1)], {"late": 2, "frames": 3})


def test_holds_no_more_than_a_window_can_have(recorder, written):
    hear(recorder, -1, *(number / 1000 for number in range(72_010)))
    hear(recorder, 250)
    recorder.close()

    assert written()[1] == {"late": 1, "unsaved": 10}


def test_counts_wait_until_the_disk_takes_them_again(tmp_path, clock, caplog):
    folder = tmp_path / "sightings"
    folder.write_text("a file where the folder should be")
    recorder = WindowRecorder(folder, SHANGHAI, count, monotonic=clock)
    recorder.turn_to(DAY)
    hear(recorder, -1, 0, 250)
    recorder.flush()
    recorder.flush()
    folder.unlink()
    recorder.close()

    with sightings.reading(folder, DAY) as connection:
        assert connection.execute("SELECT count(*) FROM windows").fetchone() == (1,)
    assert [record.message for record in caplog.records] == ["counts cannot be written"]


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Europe/Berlin"])
def test_windows_start_with_the_day(tmp_path, clock, zone):
    zone = zoneinfo.ZoneInfo(zone)
    midnight_us = int(dt.datetime(2026, 5, 16, tzinfo=zone).timestamp()) * SECOND_US
    recorder = WindowRecorder(tmp_path, zone, count, monotonic=clock)
    recorder.turn_to(DAY)
    for second in (0, 240, 500):
        at_us = midnight_us + second * SECOND_US
        recorder.add(Sighting(at_us, 1, 9, True, -60, 2437, "door"))
    recorder.close()

    with sightings.reading(tmp_path, DAY) as connection:
        starts = connection.execute("SELECT start_us FROM windows").fetchall()
    assert starts == [(midnight_us + WINDOW_US,)]
