import datetime as dt
import itertools
import struct

import pytest

from sniffer.capture_file import CaptureFileError
from sniffer.frames import Frame
from sniffer.replay import replay
from sniffer.source import Tick

RECORDED = dt.datetime(2021, 6, 3, 13, 0, tzinfo=dt.UTC)
OFFSETS_S = (0, 10, 60, 3600)


class Clock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self, now):
        self.time = now
        self.longest_s = 0.0

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.longest_s = max(self.longest_s, seconds)
        self.time += dt.timedelta(seconds=seconds)


@pytest.fixture
def clock(now):
    return Clock(now)


@pytest.fixture
def file(tmp_path):
    octets = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 127)
    for number, offset in enumerate(OFFSETS_S):
        seconds = int(RECORDED.timestamp()) + offset
        octets += struct.pack("<IIII", seconds, 250_000, 1, 1) + bytes((number,))
    path = tmp_path / "shop.pcap"
    path.write_bytes(octets)
    return path


@pytest.fixture
def play(file, clock):
    def play(speed, first_frame_at=None):
        """When each frame was released, and when it says it was heard; since the start."""
        start = clock.time
        frames = replay(
            file, speed=speed, first_frame_at=first_frame_at, now=clock.now, sleep=clock.sleep
        )
        return [
            ((clock.time - start).total_seconds(), heard_at(item))
            for item in frames
            if isinstance(item, Frame)
        ]

    return play


def heard_at(frame):
    return dt.datetime.fromtimestamp(frame.at_us / 1_000_000, dt.UTC)


def test_as_fast_as_possible_takes_no_time(play):
    assert [released for released, _ in play(None)] == [0, 0, 0, 0]


@pytest.mark.parametrize("speed", [1, 10, 0.5])
def test_an_old_recording_is_played_at_the_asked_pace(play, speed):
    assert [released for released, _ in play(speed)] == [
        pytest.approx(offset / speed) for offset in OFFSETS_S
    ]


def test_times_stay_as_recorded(play):
    quarter = dt.timedelta(milliseconds=250)

    assert [heard for _, heard in play(None)] == [
        RECORDED + dt.timedelta(seconds=offset) + quarter for offset in OFFSETS_S
    ]


def test_times_are_shifted_so_that_the_first_frame_is_heard_when_asked(play, now):
    start = now - dt.timedelta(days=1)

    assert [heard for _, heard in play(None, start)] == [
        start + dt.timedelta(seconds=offset) for offset in OFFSETS_S
    ]


@pytest.mark.parametrize("speed", [None, 1000])
def test_it_catches_up_with_the_present_and_goes_on_in_real_time(play, now, speed):
    released = [at for at, _ in play(speed, now - dt.timedelta(seconds=60))]

    assert released == [
        pytest.approx(0, abs=0.1),
        pytest.approx(0, abs=0.1),
        pytest.approx(0, abs=0.1),
        pytest.approx(3540),
    ]


@pytest.mark.parametrize("speed", [None, 1, 10, 1000])
@pytest.mark.parametrize("ahead_s", [-5000, -300, -30, 0, 30])
def test_no_frame_is_ever_heard_in_the_future(file, clock, speed, ahead_s):
    frames = replay(
        file,
        speed=speed,
        first_frame_at=clock.time + dt.timedelta(seconds=ahead_s),
        now=clock.now,
        sleep=clock.sleep,
    )

    assert all(heard_at(item) <= clock.time for item in frames if isinstance(item, Frame))


def test_there_are_ticks_to_stop_by_while_nothing_is_heard(file, clock):
    frames = replay(file, speed=1, first_frame_at=None, now=clock.now, sleep=clock.sleep)
    begun = list(itertools.islice(frames, 22))

    assert [type(item) for item in begun] == [Frame, *[Tick] * 20, Frame]
    assert clock.longest_s <= 1


def test_a_bad_file_is_named(tmp_path, clock):
    (tmp_path / "notes.txt").write_text("no capture")
    frames = replay(
        tmp_path / "notes.txt", speed=1, first_frame_at=None, now=clock.now, sleep=clock.sleep
    )

    with pytest.raises(CaptureFileError, match=r"notes\.txt is neither"):
        next(frames)
