"""Whether a signal tells inside from outside, at a building's entry.

Tags in a corridor, inside, in the vestibule and outside, recorded by two phones at either end of
the vestibule (UCI repository 586), in the folder that DOORMAN_BENCH_DATA names. A run is one tag,
which stayed where it was: thresholds learnt on all others are asked of it.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np

from analytics.estimates import zones
from tests.bench import known

SMOOTHED = 5
_INSIDE, _OUTSIDE = "INSIDE", "OUTSIDE"

Signals = np.ndarray
SCORES: dict[str, Callable[[Signals], np.ndarray]] = {
    "the stronger of both": lambda both: both.max(axis=0),
    "one sensor": lambda both: both[0],
    "the other sensor": lambda both: both[1],
    "the difference of both": lambda both: both[1] - both[0],
}


def table() -> Iterator[str]:
    data = known.folder()
    if data is None:
        return
    runs = _runs(data / "uci_ble_entry/filtered_rssi.csv")
    yield "| building's entry, by run left out | right | threshold found without being told |"
    yield "|---|---|---|"
    for name, score in SCORES.items():
        scored = [(score(both), is_inside) for both, is_inside in runs]
        right = [
            _right(scored[number], scored[:number] + scored[number + 1 :])
            for number in range(len(scored))
        ]
        alone = zones.learn(np.concatenate([each for each, _ in scored]).round())
        told = "none: no two zones" if alone is None else f"{alone.inside_dbm} dBm"
        yield (
            f"| {name} | {100 * np.mean(right):.0f} % ({100 * min(right):.0f} to"
            f" {100 * max(right):.0f}) | {told} |"
        )


def _runs(file) -> list[tuple[Signals, bool]]:
    by_tag = defaultdict(list)
    with file.open(encoding="ascii", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["locationStatus"] in (_INSIDE, _OUTSIDE):
                of = by_tag[row["name"], row["locationStatus"]]
                of.append((int(row["timestamp"]), int(row["rssiOne"]), int(row["rssiTwo"])))
    return [
        (np.stack([_smoothed(one) for one in np.array(sorted(rows)).T[1:]]), place == _INSIDE)
        for (_, place), rows in sorted(by_tag.items())
    ]


def _smoothed(signal: np.ndarray) -> np.ndarray:
    padded = np.pad(signal, (SMOOTHED - 1, 0), mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, SMOOTHED), axis=1)


def _right(asked, others) -> float:
    """The share of a run that the best threshold of the others puts where it was."""
    values = np.concatenate([each for each, _ in others])
    inside = np.concatenate([np.full(len(each), is_inside) for each, is_inside in others])
    _, threshold, sign = max(
        (
            (
                (sign * (values[inside] - at) >= 0).mean()
                + (sign * (values[~inside] - at) < 0).mean()
            ),
            at,
            sign,
        )
        for at in np.quantile(values, np.linspace(0.02, 0.98, 60))
        for sign in (1, -1)
    )
    signal, is_inside = asked
    return float(((sign * (signal - threshold) >= 0) == is_inside).mean())
