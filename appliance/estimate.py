"""`doorman estimate`: how many devices a capture file holds. Needs no settings, keeps nothing."""

import array
import collections
import csv
import dataclasses
import datetime as dt
import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import click
import numpy as np

from analytics.devices import crowds, evidence, intervals, linking
from core import log
from core.pseudonym import DayKeys
from core.setting_groups.traffic import TrafficSettings
from sniffer import capture_file, fingerprint, frames

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
    """What each was linked to: 0 and up. Phones that cannot be told apart share a number, and
    a phone that fell apart has two, so that there may be fewer numbers than devices or more."""
    crowd: intervals.Crowd
    cut: int = 0
    """Of how many probe requests the capture kept only a part."""

    @property
    def devices(self) -> int:
        return self.crowd.phones

    @property
    def interval95(self) -> intervals.Interval:
        return intervals.of_crowd(self.crowd)

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


class _Columns:
    """What is kept of a capture: a few octets for each probe request."""

    def __init__(self) -> None:
        self._keys, self._day = DayKeys(_PSEUDONYM_BITS), dt.date.min
        self._frame_number, self._heard_at_s = array.array("q"), array.array("d")
        self._address, self._randomised = array.array("q"), array.array("b")
        self._fingerprint, self._kind = array.array("q"), array.array("q")
        self._signal_dbm, self._frequency_mhz = array.array("d"), array.array("q")
        self._cut = 0

    def add(self, number: int, at_us: int, request: frames.ProbeRequest) -> None:
        kind = fingerprint.kind(request.fingerprint)
        self._frame_number.append(number)
        self._heard_at_s.append(at_us / 1_000_000)
        self._address.append(self._pseudonym(b"address", request.address))
        self._randomised.append(request.is_randomised)
        self._fingerprint.append(self._pseudonym(b"fingerprint", request.fingerprint))
        self._kind.append(self._pseudonym(b"kind", kind))
        self._signal_dbm.append(math.nan if request.signal_dbm is None else request.signal_dbm)
        self._frequency_mhz.append(request.frequency_mhz or 0)
        self._cut += request.is_cut

    def _pseudonym(self, of: bytes, value: bytes) -> int:
        return self._keys.pseudonym(self._day, of, value)

    def estimate(self, frames_read: int, rejected: Mapping[str, int], window_s: int) -> Estimate:
        heard_at_s = np.array(self._heard_at_s, dtype=np.float64)
        address = np.array(self._address, dtype=np.int64)
        randomised = np.array(self._randomised, dtype=np.bool_)
        kind = np.array(self._kind, dtype=np.int64)
        device = linking.link(heard_at_s, address, kind, window_s, randomised=randomised)
        sightings = evidence.Sightings(
            heard_at_s,
            address,
            np.array(self._fingerprint, dtype=np.int64),
            np.array(self._signal_dbm, dtype=np.float64),
            np.array(self._frequency_mhz, dtype=np.int64),
            device,
            linking.settled(heard_at_s, address, randomised),
        )
        number = np.array(self._frame_number, dtype=np.int64)
        return Estimate(frames_read, rejected, number, device, crowds.count(sightings), self._cut)


def of(captured: Iterable[frames.Frame], window_s: int) -> Estimate:
    """Count the devices in captured frames."""
    columns = _Columns()
    rejected: collections.Counter[str] = collections.Counter()
    number = -1
    for number, frame in enumerate(captured):
        request = frames.decode(frame.data, frame.link_type, missing=frame.missing)
        if isinstance(request, frames.Rejected):
            rejected[request.value] += 1
        else:
            columns.add(number, frame.at_us, request)
    return columns.estimate(number + 1, dict(sorted(rejected.items())), window_s)


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
    """Count the devices in FILE: pcap or pcapng, gzip'd or not; - for a pipe.

    What the count means and what it cannot say: docs/figures/devices.md. Which captures are
    read, and why a frame is rejected: docs/captures.md.
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
