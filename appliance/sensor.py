"""`doorman sensor`: hears phones from a radio, or from a capture file."""

import datetime as dt
import signal
import threading
from pathlib import Path

import click

from core import clock, log, settings
from sniffer import capture_file, live, replay
from sniffer.sensor import Sensor

_LOOK_AGAIN_S = 5

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
    found = settings.load()
    log.configure(found.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        if file is not None:
            played = replay.replay(
                file, speed=speed, first_frame_at=first_frame_at, now=clock.now, sleep=stop.wait
            )
            Sensor(found).run(played, stop.is_set)
        elif found.sensor.interfaces:
            _listen(found.sensor.interfaces[0], Sensor(found), stop)
        else:
            raise click.UsageError("give --replay FILE, or set sensor.interfaces")
    except (capture_file.CaptureFileError, live.LiveCaptureError) as error:
        raise click.ClickException(str(error)) from error


def _listen(interface: str, sensor: Sensor, stop: threading.Event) -> None:
    """Hear until told to stop; wait for an interface that goes away to come back.

    With the same sensor: another one would have another day key, to which every phone
    in the shop looks new.
    """
    heard_before = False
    while not stop.is_set():
        try:
            with live.LiveCapture(interface) as heard:
                heard_before = True
                sensor.run(heard, stop.is_set)
        except live.LiveCaptureError as error:
            if not heard_before:
                raise
            _log.warning("no radio", problem=str(error))
            stop.wait(_LOOK_AGAIN_S)
