"""People in a room from the phones in it: calibrated on some days, asked about on others.

Eight days of a laboratory (Brno, 2022) in windows of ten minutes. What is always there, such
as its 14 PCs, is found by `visits.fixtures`, day by day. People are taken for a sum, so much
for the square root of the devices above each signal, fitted on the other half of the days,
every second one.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from analytics.visits import fixtures
from appliance import estimate
from core.setting_groups.traffic import TrafficSettings
from sniffer import capture_file, frames
from tests.bench import known

WINDOW_S = 600
SIGNALS_DBM = (-128, -85, -80, -75, -70, -65, -60)
# Of people, squared: so much is a coefficient of one worth.
RIDGE = 10.0
# What is there for over two hours, or over one in nearly all windows.
RULES = TrafficSettings(window_s=WINDOW_S, fixture_after_h=2)


def measure(days: Path) -> tuple[float, float, int]:
    """Mean absolute error in people, correlation, and the number of windows."""
    rows = [
        (number, *row) for number, file in enumerate(sorted(days.glob("*.pcap")))
        for row in _windows(file)
    ]  # fmt: skip
    day = np.array([row[0] for row in rows])
    people = np.array([row[1] for row in rows])
    features = np.c_[np.sqrt(np.array([row[2] for row in rows], dtype=float)), np.ones(len(rows))]
    predicted = np.empty(len(people))
    for half in (0, 1):
        asked = day % 2 == half
        weights = _fitted(features[~asked], people[~asked])
        predicted[asked] = np.maximum(features[asked] @ weights, 0)
    error = float(np.abs(predicted - people).mean())
    return error, float(np.corrcoef(predicted, people)[0, 1]), len(people)


def _windows(file: Path) -> Iterator[tuple[float, list]]:
    """Of each window the people, and the devices above each signal."""
    with file.with_suffix(".occupancy.csv").open(encoding="ascii", newline="") as rows:
        people = {int(at): float(count) for at, count in list(csv.reader(rows))[1:]}
    captured = list(capture_file.read(file))
    requests = [frames.decode(frame.data, frame.link_type) for frame in captured]
    kept = [index for index, each in enumerate(requests) if isinstance(each, frames.ProbeRequest)]
    address = known.dense([requests[index].address for index in kept])
    at_s = np.array([captured[index].at_us / 1e6 for index in kept])
    signal = np.array([requests[index].signal_dbm or -128 for index in kept])
    window = (at_s // WINDOW_S).astype(np.int64)
    heard = fixtures.heard_in(window, address)
    comes = ~np.isin(address, fixtures.always_there(heard, len(np.unique(window)), RULES))
    begins, ends = min(people), max(people) + 60
    for start in range(begins, ends - WINDOW_S + 1, WINDOW_S):
        minutes = [people[at] for at in range(start, start + WINDOW_S, 60) if at in people]
        now = comes & (at_s >= start) & (at_s < start + WINDOW_S)
        counts = []
        for least in SIGNALS_DBM:
            rows = np.flatnonzero(now & (signal >= least))
            found = estimate.of((captured[kept[row]] for row in rows), 10 * WINDOW_S)
            counts.append(found.devices)
        if minutes:
            yield float(np.mean(minutes)), counts


def _fitted(features: np.ndarray, people: np.ndarray) -> np.ndarray:
    ridge = RIDGE * np.eye(features.shape[1])
    return np.linalg.solve(features.T @ features + ridge, features.T @ people)
