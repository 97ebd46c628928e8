"""Captures whose truth is known, and how far estimates of them are off.

They are public but not all free to pass on, so they are not in this repository:
DOORMAN_BENCH_DATA names their folder (by default ../shared/data), which holds

    pintor_atzori_2021/pcap/<phone>/   captures of single phones (Computer Networks 2022)
    argo_polito_2023/room/             a lecture room, people counted (Comp. Comm. 2024)
    polito_generator/database/         how phones of 14 models probe (ICT-DM 2023)
    brno_lab_2022/                     a laboratory, people counted minute by minute
"""

import dataclasses
import os
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from analytics.devices import linking
from appliance import estimate
from sniffer import capture_file, frames
from sniffer.frames import Frame

WINDOW_S = 900
SESSION = re.compile(r"(.+-mode[A-Z]+)(?:_new)?-ch-\d+")


@dataclasses.dataclass(frozen=True)
class Outcome:
    truth: int
    devices: int
    low: int
    high: int
    addresses: int
    fingerprints: int
    components: int
    v_measures: dict[str, float] | None = None
    """Where it is known which phone sent what: of the labels, and of the simple ones."""

    @property
    def is_inside(self) -> bool:
        return self.low <= self.truth <= self.high

    def error(self, of: str = "devices") -> float:
        """In parts of the truth; too many is positive."""
        return (getattr(self, of) - self.truth) / self.truth


def folder() -> Path | None:
    found = Path(os.environ.get("DOORMAN_BENCH_DATA", "../shared/data"))
    if found.is_dir():
        return found
    sys.stderr.write(f"accuracy: no captures in {found} (DOORMAN_BENCH_DATA)\n")
    return None


def single_phones(files: Path) -> dict[str, list[list[Frame]]]:
    """For each phone the sessions in which it was recorded, all channels by time."""
    phones: dict[str, dict[str, list[Frame]]] = defaultdict(lambda: defaultdict(list))
    for file in sorted(files.glob("*/*.pcap")):
        if named := SESSION.match(file.stem):
            phones[file.parent.name][named[1]] += capture_file.read(file)
    return {
        phone: [sorted(session, key=lambda frame: frame.at_us) for session in named.values()]
        for phone, named in phones.items()
    }


def single_channels(files: Path) -> dict[str, list[list[Frame]]]:
    """For each phone its recordings, each of one session on one channel."""
    phones: dict[str, list[list[Frame]]] = defaultdict(list)
    for file in sorted(files.glob("*/*.pcap")):
        if recorded := list(capture_file.read(file)):
            phones[file.parent.name].append(recorded)
    return phones


def mixes(phones: dict, count: int, draws: int) -> Iterator[tuple[list[Frame], list[str]]]:
    """As many random phones, each in a random state, beginning within the same minute."""
    rng = random.Random(count)
    for _ in range(draws):
        scene = []
        for phone in rng.sample(sorted(phones), count):
            session = rng.choice(phones[phone])
            shift_us = rng.randrange(60_000_000) - session[0].at_us
            scene += [(frame._replace(at_us=frame.at_us + shift_us), phone) for frame in session]
        scene.sort(key=lambda heard: heard[0].at_us)
        yield [frame for frame, _ in scene], [phone for _, phone in scene]


def room(data: Path) -> tuple[list[list[Frame]], list[int]]:
    """Ten captures of two minutes, and the people counted in each."""
    files = data / "argo_polito_2023/room"
    results = (files / "Results_1.txt").read_text("utf-8")
    people = [int(number) for number in re.findall(r"(\d+) -> \d+", results)]
    return [list(capture_file.read(file)) for file in sorted(files.glob("*.pcap"))], people


def outcome(captured: list[Frame], truth: int, owners: list[str] | None = None) -> Outcome:
    found = estimate.of(captured, WINDOW_S)
    requests = [
        frames.decode(frame.data, frame.link_type, missing=frame.missing) for frame in captured
    ]
    heard = [request for request in requests if isinstance(request, frames.ProbeRequest)]
    address = dense([request.address for request in heard])
    fingerprint = dense([request.fingerprint for request in heard])
    labels = {
        "devices": found.device,
        "addresses": address,
        "fingerprints": fingerprint,
        "components": dense(linking.connected(address, fingerprint).tolist()),
    }
    simple = {name: len(np.unique(label)) for name, label in labels.items() if name != "devices"}
    v_measures = None
    if owners:
        owner = dense(owners)[found.frame_number]
        v_measures = {name: v_measure(owner, label) for name, label in labels.items()}
    low, high = found.interval95
    return Outcome(truth, found.devices, low, high, **simple, v_measures=v_measures)


def stronger(captured: list[Frame], than_dbm: int) -> list[Frame]:
    """The probe requests that came with such a signal."""
    decoded = ((frame, frames.decode(frame.data, frame.link_type)) for frame in captured)
    return [
        frame
        for frame, request in decoded
        if isinstance(request, frames.ProbeRequest)
        and request.signal_dbm is not None
        and request.signal_dbm >= than_dbm
    ]


def dense(values: list) -> np.ndarray:
    numbers: dict = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int64)


def v_measure(truth: np.ndarray, label: np.ndarray) -> float:
    """Harmonic mean of homogeneity and completeness (Rosenberg and Hirschberg, 2007)."""
    table = np.zeros((truth.max() + 1, label.max() + 1))
    np.add.at(table, (truth, label), 1)
    of_truth, of_label, of_both = (
        entropy(counts) for counts in (table.sum(1), table.sum(0), table.ravel())
    )
    shared = of_truth + of_label - of_both
    return 2 * shared / (of_truth + of_label) if of_truth + of_label else 1.0


def entropy(counts: np.ndarray) -> float:
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum())
