"""`doorman sensor`: hears phones from a radio, or from a capture file."""

import datetime as dt
import signal
import threading
from pathlib import Path

import click

from core import clock, log, settings
from sniffer import capture_file, live, replay
from sniffer.sensor import Sensor


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
        elif found.sensor.interface:
            with live.LiveCapture(found.sensor.interface) as heard:
                Sensor(found).run(heard, stop.is_set)
        else:
            raise click.UsageError("give --replay FILE, or set sensor.interface")
    except (capture_file.CaptureFileError, live.LiveCaptureError) as error:
        raise click.ClickException(str(error)) from error
