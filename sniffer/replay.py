"""Plays a capture file as if it were heard now.

Frames go through the same code as a radio's. They come at the pace of the recording or
faster, but never before their time: a replay may catch up with the present, then it
goes on at the pace of real time. So no sighting ever lies in the future.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

from sniffer import capture_file
from sniffer.frames import Frame
from sniffer.source import Tick

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LONGEST_SLEEP_S = 0.5


def replay(
    file: str | Path,
    *,
    speed: float | None,
    first_frame_at: dt.datetime | None,
    now: Callable[[], dt.datetime],
    sleep: Callable[[float], object],
) -> Iterator[Frame | Tick]:
    """Frames of a capture, each no earlier than its time; ticks while there is none.

    Args:
        file: as for `capture_file.read`.
        speed: times real time; None is as fast as possible.
        first_frame_at: when the first frame was heard, all others as long after it as
            in the recording. None: times as recorded.
        now: the clock.
        sleep: waits for so many seconds; called with half a second at most.

    Raises:
        CaptureFileError: as `capture_file.read`.
    """
    begun_us = _us(now())
    first_us: int | None = None
    shift_us = 0
    for frame in capture_file.read(file):
        if first_us is None:
            first_us = frame.at_us
            shift_us = _us(first_frame_at) - first_us if first_frame_at else 0
        shifted = frame._replace(at_us=frame.at_us + shift_us)
        due_us = shifted.at_us
        if speed is not None:
            due_us = max(due_us, begun_us + int((frame.at_us - first_us) / speed))
        while (wait_us := due_us - _us(now())) > 0:
            sleep(min(wait_us / 1_000_000, _LONGEST_SLEEP_S))
            yield Tick()
        yield shifted


def _us(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)
