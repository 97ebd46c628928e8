"""`doorman sensor`: hears phones from radios, or from a capture file."""

import datetime as dt
from pathlib import Path

import click

from appliance import hearing
from core import settings
from sniffer import process_memory
from sniffer.wanted import Wanted


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
    if file is not None and found.sensor.listen:
        raise click.UsageError("--replay hears no other sensors: unset sensor.listen")
    if file is None and not found.sensor.interfaces and not found.sensor.listen:
        raise click.UsageError("give --replay FILE, or set sensor.interfaces")
    process_memory.become(hearing.arguments(Wanted.of(found), file, speed, first_frame_at))
