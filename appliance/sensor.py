"""`doorman sensor`: hears phones from radios, or from a capture file."""

import contextlib
import datetime as dt
import functools
import signal
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from appliance import store_sensors
from appliance.sensor_watch import SensorWatch
from core import clock, log, settings, spare_memory
from core.pseudonym import DayKeys
from core.settings import Settings
from gate.systemd import ServiceManager
from sniffer import box, capture_file, process_memory, replay
from sniffer.capture import receive_only
from sniffer.capture.listener import Listener
from sniffer.capture.packet_ring import CaptureError
from sniffer.frames import Frame
from sniffer.intake import Intake
from sniffer.radio.plans import Plan, PlanError
from sniffer.radio.tuner import Tuner
from sniffer.remote.authority import AuthorityError
from sniffer.remote.bundle import BundleError
from sniffer.remote.server import ServerError
from sniffer.sensor import Sensor
from sniffer.source import Source, Tick
from sniffer.window_recorder import CountWindow

_WRONG = (
    capture_file.CaptureFileError,
    CaptureError,
    PlanError,
    AuthorityError,
    BundleError,
    ServerError,
)

_log = log.Log("sensor")


@click.command()
@click.option(
    "--replay",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read a capture file (pcap, pcapng) in place of the radio.",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    help="Replay at this many times real time; without it, as fast as possible.",
)
@click.option(
    "--first-frame-at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]),
    help="Shift the replay in time, such as 2026-05-16T10:00:00+08:00.",
)
def sensor(file: Path | None, speed: float | None, first_frame_at: dt.datetime | None) -> None:
    """Hear the probe requests of phones nearby; keep pseudonymous sightings.

    A replay never runs ahead of the clock: once it has caught up with the present, it
    goes on at the pace of real time.
    """
    process_memory.overwrite_what_is_freed()
    found = settings.load()
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
        if file is not None:
            if found.sensor.listen:
                raise click.UsageError("--replay hears no other sensors: unset sensor.listen")
            played = replay.replay(
                file, speed=speed, first_frame_at=first_frame_at, now=clock.now, sleep=stop.wait
            )
            _play(found, played, stop)
        elif found.sensor.interfaces or found.sensor.listen:
            _listen(found, stop)
        else:
            raise click.UsageError("give --replay FILE, or set sensor.interfaces")
    except _WRONG as error:
        raise click.ClickException(str(error)) from error


def _play(found: Settings, played: Iterable[Frame | Tick], stop: threading.Event) -> None:
    keys = DayKeys(found.sensor.pseudonym_bits)
    with store_sensors.joined(found, keys) as others:
        others.wait(stop.is_set)
        _sensor(found, keys, others).run(played, stop.is_set)


def _listen(found: Settings, stop: threading.Event) -> None:
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
        store_sensors.joined(found, keys) as others,
        _sources(found) as sources,
        Intake([*sources, *others.sources]) as intake,
    ):
        watch = SensorWatch(found.status_dir, intake.hearing, manager)
        _sensor(found, keys, others).run(watch.over(intake), stop.is_set)
        manager.stopping()


def _sensor(found: Settings, keys: DayKeys, others: store_sensors.Joined) -> Sensor:
    if others.lent is not None:
        # How long what is about single phones may be kept is for the box to say.
        return Sensor(others.lent, is_brief=True)
    return box.sensor(found, keys=keys, count_window=_count_window(found))


def _count_window(found: Settings) -> CountWindow | None:
    if not found.sensor.strict:
        return None
    from analytics.visits import presence  # noqa: PLC0415 - numpy, which nothing else needs here

    return functools.partial(presence.count, rules=found.traffic)


@contextlib.contextmanager
def _sources(found: Settings) -> Iterator[list[Source]]:
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
