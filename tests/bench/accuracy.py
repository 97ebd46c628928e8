"""How well devices are counted and told apart in captures whose truth is known.

The captures are public but not all free to pass on, so they are not in this repository:
DOORMAN_BENCH_DATA names their folder (by default ../shared/data), which holds

    pintor_atzori_2021/pcap/<phone>/   captures of single phones (Computer Networks 2022)
    argo_polito_2023/room/             a lecture room, people counted (Comp. Comm. 2024)

The peers are what is simplest: one device for each address, or for each fingerprint.
"""

import os
import random
import re
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from appliance import estimate
from sniffer import capture_file, frames
from sniffer.frames import Frame

WINDOW_S = 900
DRAWS = 10
ARGO_BEST_PERCENT = 20.7
PEERS = ("address", "fingerprint")
SESSION = re.compile(r"(.+-mode[A-Z]+)(?:_new)?-ch-\d+")


def measure() -> list[dict]:
    folder = Path(os.environ.get("DOORMAN_BENCH_DATA", "../shared/data"))
    if not folder.is_dir():
        sys.stderr.write(f"accuracy: no captures in {folder} (DOORMAN_BENCH_DATA)\n")
        return []
    rows = []
    inside = []
    phones = single_phones(folder / "pintor_atzori_2021/pcap")
    for count in (5, 10, 15, 22):
        outcomes = [outcome(*mixed) for mixed in mixes(phones, count)]
        inside += [result["inside"] for result in outcomes]
        rows += mixed_rows(count, outcomes)
    covered = 100 * sum(inside) / len(inside)
    rows.append(row("interval_covers", "%", covered, 95, ("as it says", 95), at_least=True))
    return rows + room_rows(folder / "argo_polito_2023/room")


def single_phones(folder: Path) -> dict[str, list[list[Frame]]]:
    """For each phone the sessions in which it was recorded, all channels by time."""
    phones: dict[str, dict[str, list[Frame]]] = defaultdict(lambda: defaultdict(list))
    for file in sorted(folder.glob("*/*.pcap")):
        if named := SESSION.match(file.stem):
            phones[file.parent.name][named[1]] += capture_file.read(file)
    return {
        phone: [sorted(session, key=lambda frame: frame.at_us) for session in named.values()]
        for phone, named in phones.items()
    }


def mixes(phones: dict, count: int):
    """As many random phones, each in a random state, beginning within the same minute."""
    rng = random.Random(count)
    for _ in range(DRAWS):
        scene = []
        for phone in rng.sample(sorted(phones), count):
            session = rng.choice(phones[phone])
            shift_us = rng.randrange(60_000_000) - session[0].at_us
            scene += [(frame._replace(at_us=frame.at_us + shift_us), phone) for frame in session]
        scene.sort(key=lambda heard: heard[0].at_us)
        yield [frame for frame, _ in scene], [phone for _, phone in scene]


def outcome(captured: list[Frame], owners: list[str] | None = None, truth: int = 0) -> dict:
    """Errors of the estimate and of its peers, in percent of the truth; V-measures."""
    found = estimate.of(captured, WINDOW_S)
    requests = [
        frames.decode(frame.data, frame.link_type, missing=frame.missing) for frame in captured
    ]
    heard = [request for request in requests if isinstance(request, frames.ProbeRequest)]
    labels = {
        "ours": found.device,
        "address": dense([request.address for request in heard]),
        "fingerprint": dense([request.fingerprint for request in heard]),
    }
    truth = len(set(owners)) if owners else truth
    low, high = found.interval95
    result = {"inside": low <= truth <= high}
    for name, label in labels.items():
        result[f"{name} error"] = 100 * abs(int(label.max()) + 1 - truth) / truth
        if owners:
            owner = dense(owners)[found.frame_number]
            result[f"{name} v"] = v_measure(owner, label)
    return result


def mixed_rows(count: int, outcomes: list[dict]) -> list[dict]:
    mean = means(outcomes)
    name = f"{count}_phones"
    best_v = max(((f"unique {peer}", mean[f"{peer} v"]) for peer in PEERS), key=lambda v: v[1])
    return [
        row(f"count_error.{name}", "%", mean["ours error"], 15, nearest(mean)),
        row(f"v_measure.{name}", "", mean["ours v"], 0.95, best_v, at_least=True),
    ]


def room_rows(folder: Path) -> list[dict]:
    """The lecture room: mean absolute error, in percent of the people counted."""
    results = (folder / "Results_1.txt").read_text("utf-8")
    people = [int(number) for number in re.findall(r"(\d+) -> \d+", results)]
    captures = sorted(folder.glob("*.pcap"))
    outcomes = [
        outcome(list(capture_file.read(capture)), truth=count)
        for capture, count in zip(captures, people, strict=True)
    ]
    mean = means(outcomes)
    error, argo = mean["ours error"], ("ARGO's own best run", ARGO_BEST_PERCENT)
    return [
        row("count_error.room", "%", error, ARGO_BEST_PERCENT, argo),
        row("count_error.room_simplest", "%", error, ARGO_BEST_PERCENT, nearest(mean)),
    ]


def nearest(mean: dict[str, float]) -> tuple[str, float]:
    """The better of the two simple ways to count, and its error."""
    error, peer = min((mean[f"{peer} error"], peer) for peer in PEERS)
    return f"unique {peer}", error


def means(outcomes: list[dict]) -> dict[str, float]:
    return {key: float(np.mean([each[key] for each in outcomes])) for key in outcomes[0]}


def dense(values: list) -> np.ndarray:
    numbers: dict = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values])


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


def row(
    name: str,
    unit: str,
    value: float,
    limit: float,
    peer: tuple[str, float],
    *,
    at_least: bool = False,
) -> dict:
    """One line of the bench. The ratio says how many times better than the peer."""
    named, beside = peer
    return {
        "name": f"sensor.{name}",
        "value": round(value, 3),
        "unit": unit,
        "peer": named,
        "peer_value": round(beside, 3),
        "ratio": round(value / beside if at_least else beside / max(value, 0.1), 2),
        "goal": f"at {'least' if at_least else 'most'} {limit} {unit}".rstrip(),
        "met": value >= limit if at_least else value <= limit,
    }
