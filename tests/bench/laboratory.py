"""People in a room from the phones in it: calibrated on some days, asked about on others.

Eight days of a laboratory (Brno, 2022) in windows of ten minutes. What is always there, such
as its 14 PCs, is found by `analytics.fixtures`, day by day. People are taken for a straight
line of the square roots of devices and of addresses, both of frames above a signal; line and
signal are fitted on the other half of the days, every second one.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from analytics import fixtures
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
    features = np.sqrt(np.array([row[2] for row in rows], dtype=float))
    predicted = np.empty(len(people))
    for half in (0, 1):
        asked = day % 2 == half
        signal = _best_signal(features[~asked], people[~asked], day[~asked])
        line = _line(features[~asked, signal], people[~asked])
        predicted[asked] = _at(line, features[asked, signal])
    error = float(np.abs(predicted - people).mean())
    return error, float(np.corrcoef(predicted, people)[0, 1]), len(people)


def _windows(file: Path) -> Iterator[tuple[float, list]]:
    """Of each window the people, and (devices, addresses) above each signal."""
    with file.with_suffix(".occupancy.csv").open(encoding="ascii", newline="") as rows:
        people = {int(at): float(count) for at, count in list(csv.reader(rows))[1:]}
    captured = list(capture_file.read(file))
    requests = [frames.decode(frame.data, frame.link_type) for frame in captured]
    kept = [index for index, each in enumerate(requests) if isinstance(each, frames.ProbeRequest)]
    address = known.dense([requests[index].address for index in kept])
    at_s = np.array([captured[index].at_us / 1e6 for index in kept])
    signal = np.array([requests[index].signal_dbm or -128 for index in kept])
    comes = ~fixtures.of_fixture(at_s, address, RULES)
    begins, ends = min(people), max(people) + 60
    for start in range(begins, ends - WINDOW_S + 1, WINDOW_S):
        minutes = [people[at] for at in range(start, start + WINDOW_S, 60) if at in people]
        now = comes & (at_s >= start) & (at_s < start + WINDOW_S)
        counts = []
        for least in SIGNALS_DBM:
            rows = np.flatnonzero(now & (signal >= least))
            found = estimate.of((captured[kept[row]] for row in rows), 10 * WINDOW_S)
            counts.append((found.devices, len(np.unique(address[rows]))))
        if minutes:
            yield float(np.mean(minutes)), counts


def _best_signal(features: np.ndarray, people: np.ndarray, day: np.ndarray) -> int:
    """Which signal serves best, each day asked of the others."""

    def error(signal: int) -> float:
        errors = []
        for asked in np.unique(day):
            line = _line(features[day != asked, signal], people[day != asked])
            off = _at(line, features[day == asked, signal]) - people[day == asked]
            errors.append(np.abs(off).mean())
        return float(np.mean(errors))

    return min(range(len(SIGNALS_DBM)), key=error)


def _line(features: np.ndarray, people: np.ndarray) -> np.ndarray:
    columns = np.c_[features, np.ones(len(features))]
    return np.linalg.solve(columns.T @ columns + RIDGE * np.eye(3), columns.T @ people)


def _at(line: np.ndarray, features: np.ndarray) -> np.ndarray:
    return np.maximum(np.c_[features, np.ones(len(features))] @ line, 0)
