"""Hears phones, and keeps pseudonymous sightings: what `doorman sensor` becomes.

A process without the settings' library, which takes as much memory again as all of this.
"""

import argparse
import contextlib
import datetime as dt
import functools
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from appliance.sensor_watch import SensorWatch
from core import clock, log, spare_memory
from core.pseudonym import DayKeys
from gate.systemd import ServiceManager
from sniffer import box, capture_file, process_memory, replay
from sniffer.capture import receive_only
from sniffer.capture.listener import Listener
from sniffer.capture.packet_ring import CaptureError
from sniffer.frames import Frame
from sniffer.intake import Intake
from sniffer.joined import Joined
from sniffer.radio.plans import Plan, PlanError
from sniffer.radio.tuner import Tuner
from sniffer.sensor import Sensor
from sniffer.source import Source, Tick
from sniffer.wanted import Wanted
from sniffer.window_recorder import CountWindow

_log = log.Log("sensor")


class HearingError(Exception):
    """The sensor cannot begin; the message says why."""


_WRONG = (HearingError, capture_file.CaptureFileError, CaptureError, PlanError)


def arguments(
    wanted: Wanted, file: Path | None, speed: float | None, first_frame_at: dt.datetime | None
) -> list[str]:
    """The command line of the process that hears."""
    # Not -I, by which Python would not look at how memory is to be overwritten.
    line = [sys.executable, "-P", "-m", "appliance.hearing", wanted.text]
    if file is not None:
        line.append(f"--replay={file}")
    if speed is not None:
        line.append(f"--speed={speed}")
    if first_frame_at is not None:
        line.append(f"--first-frame-at={first_frame_at.isoformat()}")
    return line


def main() -> int:
    parser = argparse.ArgumentParser(prog="sensor", description="Hears phones, from the settings.")
    parser.add_argument("wanted", type=Wanted.read)
    parser.add_argument("--replay", type=Path)
    parser.add_argument("--speed", type=float)
    parser.add_argument("--first-frame-at", type=dt.datetime.fromisoformat)
    asked = parser.parse_args()
    found: Wanted = asked.wanted
    log.configure(found.log_level)
    process_memory.forbid_dumps()
    # What is locked cannot be given back.
    spare_memory.give_back()
    if not process_memory.forbid_swapping():
        _log.info("memory may be swapped out", mend="LimitMEMLOCK=infinity, or no swap")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        if asked.replay is None:
            _listen(found, stop)
        else:
            _play(found, _replayed(asked, stop), stop)
    except _WRONG as error:
        sys.stderr.write(f"doorman sensor: {error}\n")
        return 1
    return 0


def _replayed(asked: argparse.Namespace, stop: threading.Event) -> Iterable[Frame | Tick]:
    return replay.replay(
        asked.replay,
        speed=asked.speed,
        first_frame_at=asked.first_frame_at,
        now=clock.now,
        sleep=stop.wait,
    )


def _play(found: Wanted, played: Iterable[Frame | Tick], stop: threading.Event) -> None:
    keys = DayKeys(found.sensor.pseudonym_bits)
    with _joined(found, keys) as others:
        others.wait(stop.is_set)
        _sensor(found, keys, others).run(played, stop.is_set)


def _listen(found: Wanted, stop: threading.Event) -> None:
    """Hear until told to stop, whatever becomes of the radios meanwhile.

    With one sensor all along: another one would have another day key, to which every phone
    in the shop looks new.
    """
    # Before there are other threads, to which it would not apply.
    if not receive_only.enforce():
        _log.info("the kernel does not refuse sending on this machine")
    manager = ServiceManager()
    keys = DayKeys(found.sensor.pseudonym_bits)
    with (
        _joined(found, keys) as others,
        _sources(found) as sources,
        Intake([*sources, *others.sources]) as intake,
    ):
        watch = SensorWatch(found.status_dir, intake.hearing, manager)
        _sensor(found, keys, others).run(watch.over(intake), stop.is_set)
        manager.stopping()


@contextlib.contextmanager
def _joined(found: Wanted, keys: DayKeys) -> Iterator[Joined]:
    if not (found.sensor.send_to or found.sensor.listen):
        yield Joined()
        return
    from appliance import joined_sensors  # noqa: PLC0415 - certificates, which a lone one needs not

    with contextlib.ExitStack() as stack:
        try:
            others = stack.enter_context(joined_sensors.joined(found, keys))
        except joined_sensors.WRONG as error:
            raise HearingError(str(error)) from error
        yield others


def _sensor(found: Wanted, keys: DayKeys, others: Joined) -> Sensor:
    if others.lent is not None:
        # How long what is about single phones may be kept is for the box to say.
        return Sensor(others.lent, is_brief=True)
    return box.sensor(found, keys=keys, count_window=_count_window(found))


def _count_window(found: Wanted) -> CountWindow | None:
    if not found.sensor.strict:
        return None
    # numpy, and all settings: strict mode counts by those of traffic.
    from analytics.visits import presence  # noqa: PLC0415 - as above
    from core import settings  # noqa: PLC0415 - as above

    return functools.partial(presence.count, rules=settings.load().traffic)


@contextlib.contextmanager
def _sources(found: Wanted) -> Iterator[list[Source]]:
    """All that this sensor hears by; `Intake` closes them."""
    names, written = found.sensor.interfaces, found.sensor.hopping
    with contextlib.ExitStack() as stack:
        plans = [Plan.read(each, found.sensor.hop_every_s) for each in written]
        tuners = [
            stack.enter_context(Tuner(name, plan)) for name, plan in zip(names, plans, strict=False)
        ]
        yield [
            Listener(
                name,
                silent_after_s=found.sensor.silent_after_s,
                tuner=tuners[number] if tuners else None,
            )
            for number, name in enumerate(names)
        ]


if __name__ == "__main__":
    sys.exit(main())
