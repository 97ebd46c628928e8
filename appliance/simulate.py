"""`doorman simulate`: an invented day at a shop, or a crowd, as a capture and its truth.

Needs no settings and no radio. What is simulated and how: docs/simulator.md.
"""

import contextlib
import csv
import datetime as dt
import os
import zoneinfo
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from core import log
from core.setting_groups.store import StoreSettings
from sniffer.scene.capture import CaptureWriter
from sniffer.scene.crowd import Crowd
from sniffer.scene.phone import CHANNELS
from sniffer.scene.recording import Recording
from sniffer.scene.shop import Scene

_SHARE = click.FloatRange(0, 1)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same capture.")
@click.option(
    "--date",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2026-05-16",
    show_default=True,
    help="The day.",
)
@click.option("--zone", default=StoreSettings().time_zone, show_default=True, help="IANA zone.")
@click.option("--opens", type=click.IntRange(0, 23), default=10, show_default=True, help="Hour.")
@click.option("--closes", type=click.IntRange(1, 24), default=22, show_default=True, help="Hour.")
@click.option(
    "--around-h", type=click.FloatRange(0, 12), default=0.0, help="Listen before and after, too."
)
@click.option("--people", type=click.IntRange(1), help="Who come near in the opening hours.")
@click.option(
    "--entry-rate", type=_SHARE, default=0.15, show_default=True, help="Share that comes in."
)
@click.option("--staff", type=click.IntRange(0), default=3, show_default=True, help="Their number.")
@click.option("--no-furniture", is_flag=True, help="No things with Wi-Fi in the shop or next door.")
@click.option("--crowd", type=click.IntRange(1), help="So many people in one room, no shop.")
@click.option("--minutes", type=click.FloatRange(1), default=15.0, help="How long the crowd stays.")
@click.option("--same-model", type=_SHARE, default=0.0, help="Share with the commonest phone.")
@click.option("--year", type=click.IntRange(2015, 2026), help="Whose phones, if not this one's.")
@click.option("--sensors", type=click.IntRange(1, 9), default=1, help="A capture for each.")
@click.option(
    "--channel",
    type=int,
    multiple=True,
    default=(1, 6, 11),
    show_default=True,
    help="Listened on; more than once for several.",
)
@click.option("--hop-s", type=click.FloatRange(0), default=0.0, help="One card for all channels.")
@click.option("--no-fcs", is_flag=True, help="Without check sequences, as some drivers do.")
@click.option("--snaplen", type=click.IntRange(64), help="Keep so many octets of a frame.")
@click.option("--labels", is_flag=True, help="Write whose each frame is, as .frames.csv.")
def simulate(file: Path, *, snaplen: int | None, labels: bool, **options: Any) -> None:
    """Invent what sensors would hear at a shop on a day, or of a crowd in a room.

    Writes FILE, a capture with radiotap headers, and beside it, with the ending .truth.json,
    what really happened: who came near, looked in, came in, for how long, with which devices.
    The captures of further sensors have .2 and so on before the ending.
    """
    log.configure("warning")
    recording = _recording(**options)
    try:
        frames = _write(file, recording, options["sensors"], snaplen, labels=labels)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error
    truth = recording.truth()
    heard = frozenset().union(*truth.heard.values())
    click.echo(f"{frames:,} frames, {len(heard):,} of {len(truth.devices):,} devices heard")


def _recording(
    *, date: dt.datetime, zone: str, opens: int, closes: int, crowd: int | None, **options: Any
) -> Recording:
    try:
        start = date.replace(hour=opens, tzinfo=zoneinfo.ZoneInfo(zone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise click.BadParameter(f"{zone} is no IANA zone", param_hint="--zone") from error
    if closes <= opens:
        raise click.BadParameter("the shop closes before it opens", param_hint="--closes")
    if unknown := set(options["channel"]) - CHANNELS:
        raise click.BadParameter(f"phones never look at {unknown}", param_hint="--channel")
    shared = {
        "start": start,
        "seed": options["seed"],
        "sensors": options["sensors"],
        "channels": options["channel"],
        "hop_s": options["hop_s"],
        "with_fcs": not options["no_fcs"],
        "same_model": options["same_model"],
        "year": options["year"],
    }
    if crowd is not None:
        return Crowd(devices=crowd, minutes=options["minutes"], **shared).record()
    hours = closes - opens
    rate = {"people_per_hour": options["people"] / hours} if options["people"] else {}
    return Scene(
        hours=hours,
        entry_rate=options["entry_rate"],
        staff=options["staff"],
        furniture=not options["no_furniture"],
        around_h=options["around_h"],
        **rate,
        **shared,
    ).record()


def _write(
    file: Path, recording: Recording, sensors: int, snaplen: int | None, *, labels: bool
) -> int:
    """Write all files, each whole or not at all. Returns how many frames there are."""
    frames = 0
    with contextlib.ExitStack() as stack:
        paths = [file, *(file.with_suffix(f".{n}{file.suffix}") for n in range(2, sensors + 1))]
        drafts = [stack.enter_context(_draft(path)) for path in paths]
        captures = [stack.enter_context(CaptureWriter(draft, snaplen)) for draft in drafts]
        tables = [
            stack.enter_context(_table(path.with_suffix(".frames.csv"))) for path in paths if labels
        ]
        for frame in recording:
            number = captures[frame.sensor].add(frame)
            if labels:
                device = "" if frame.phone is None else frame.phone
                tables[frame.sensor]((number, device))
            frames += 1
        text = stack.enter_context(_draft(file.with_suffix(".truth.json")))
        text.write_text(recording.truth().to_json() + "\n", "utf-8")
    return frames


@contextlib.contextmanager
def _table(path: Path) -> Iterator[Callable[[tuple[int, int | str]], object]]:
    with _draft(path) as draft, draft.open("w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("frame_number", "device"))
        yield writer.writerow


@contextlib.contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` if all goes well."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
