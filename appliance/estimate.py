"""`doorman estimate`: how many devices a capture file holds. Needs no settings, keeps nothing."""

import array
import collections
import csv
import dataclasses
import datetime as dt
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import click
import numpy as np

from analytics import intervals, linking
from core import log
from core.pseudonym import DayKeys
from core.setting_groups.traffic import TrafficSettings
from sniffer import capture_file, frames

_WINDOW_S = TrafficSettings().window_s

# The longest pseudonym that a 64-bit column holds; its key ends with this program.
_PSEUDONYM_BITS = 63


@dataclasses.dataclass(frozen=True, slots=True)
class Estimate:
    """What a capture comes to. Its arrays go by probe request, in the file's order."""

    frames: int
    rejected: Mapping[str, int]
    frame_number: linking.Ints
    """Which frame of the file each probe request is, from 0."""
    device: linking.Ints
    cut: int = 0
    """Of how many probe requests the capture kept only a part."""

    @property
    def devices(self) -> int:
        return int(self.device.max()) + 1 if len(self.device) else 0

    @property
    def interval95(self) -> intervals.Interval:
        return intervals.of_count(self.devices)

    def to_json(self) -> str:
        return json.dumps(
            {
                "devices": self.devices,
                "interval95": list(self.interval95),
                "frames": self.frames,
                "probe_requests": len(self.device),
                "rejected": dict(self.rejected),
            }
        )

    def to_text(self) -> str:
        low, high = self.interval95
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in self.rejected.items())
        lines = {
            "devices": f"{self.devices:,} (95 % interval {low:,} to {high:,})",
            "frames": f"{self.frames:,}",
            "probe requests": f"{len(self.device):,}",
            "rejected": reasons or "none",
        }
        return "\n".join(f"{name:<16}{value}" for name, value in lines.items())


def of(captured: Iterable[frames.Frame], window_s: int) -> Estimate:
    """Count the devices in captured frames: a few octets of memory for each probe request."""
    keys, day = DayKeys(_PSEUDONYM_BITS), dt.date.min
    frame_number, address, fingerprint = array.array("q"), array.array("q"), array.array("q")
    heard_at_s, randomised = array.array("d"), array.array("b")
    rejected: collections.Counter[str] = collections.Counter()
    number, cut = -1, 0
    for number, frame in enumerate(captured):
        request = frames.decode(frame.data, frame.link_type, missing=frame.missing)
        if isinstance(request, frames.Rejected):
            rejected[request.value] += 1
            continue
        cut += request.is_cut
        frame_number.append(number)
        heard_at_s.append(frame.at_us / 1_000_000)
        address.append(keys.pseudonym(day, b"address", request.address))
        fingerprint.append(keys.pseudonym(day, b"fingerprint", request.fingerprint))
        randomised.append(request.is_randomised)
    device = linking.link(
        np.array(heard_at_s, dtype=np.float64),
        np.array(address, dtype=np.int64),
        np.array(fingerprint, dtype=np.int64),
        window_s,
        randomised=np.array(randomised, dtype=np.bool_),
    )
    counted = dict(sorted(rejected.items()))
    return Estimate(number + 1, counted, np.array(frame_number, dtype=np.int64), device, cut)


def write_assignments(path: Path, estimate: Estimate) -> None:
    """Write `frame_number,device` for each probe request; the whole file or none."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="ascii", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("frame_number", "device"))
            writer.writerows(
                zip(estimate.frame_number.tolist(), estimate.device.tolist(), strict=True)
            )
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@click.command()
@click.argument("file")
@click.option(
    "--window-s",
    type=click.IntRange(min=1),
    default=_WINDOW_S,
    show_default=True,
    help="Length of the windows in which addresses are linked, in seconds.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--assignments",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a CSV file: frame_number,device for every probe request.",
)
def estimate(file: str, window_s: int, *, as_json: bool, assignments: Path | None) -> None:
    """Count the devices in FILE: pcap or pcapng, radiotap or bare 802.11; - for a pipe.

    What the count means and what it cannot say: docs/figures/devices.md.
    """
    log.configure("warning")
    try:
        found = of(capture_file.read(file), window_s)
        if assignments is not None:
            write_assignments(assignments, found)
    except capture_file.CaptureFileError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{assignments} cannot be written: {error.strerror}") from error
    if found.cut:
        click.echo(
            f"{found.cut:,} probe requests are cut short and tell less of their phones:"
            " record with a longer snap length",
            err=True,
        )
    click.echo(found.to_json() if as_json else found.to_text())
