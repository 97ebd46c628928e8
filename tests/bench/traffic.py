"""How long a store-day of sightings takes to become figures, and how much memory.

200,000 invented sightings of 8,000 devices; six in ten pass by. The limit is numpy's bare
sort of the same keys, the peer what one writes first: a pandas groupby-apply, a function
call for each device. Both run here, in the same process, and the peer has to find the
same visits.
"""

import datetime as dt
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from analytics import rollup, sightings_table, traffic, visits
from core import sightings
from core.clock import day_bounds
from core.database import Database
from core.models.every import metadata
from core.settings import Settings

SIGHTINGS = 200_000
DEVICES = 8_000
PASSERS_BY = 0.6
LOOKS = 60
RUNS = 7
DAY = dt.date(2026, 5, 16)
SORT = "numpy's sort of the same keys"


def measure() -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        write_day(settings)
        table = sightings_table.read(settings.sightings_dir, DAY)
        _, end = day_bounds(DAY, settings.store.zone)

        def ours() -> traffic.DayFigures:
            found = visits.find(table, table["address"].to_numpy(), settings.traffic)
            return traffic.sum_up(found, DAY, settings.store.zone, end)

        keys = table["address"].to_numpy() * 10**8 + (table["heard_at_s"] * 1000 % 10**8).astype(
            int
        )
        kernel_s, sort_s = side_by_side(ours, lambda: np.sort(keys))
        peer_s, peer_visitors = naive(table, settings)
        if peer_visitors != ours().visitors:
            raise AssertionError("the peer finds other visits")
        day_s, read_s = side_by_side(
            whole_day(settings, end), lambda: sightings_table.read(settings.sightings_dir, DAY)
        )
        memory_mib, start_mib = memory(folder)
    return [
        row("visits", "s", kernel_s, (SORT, sort_s), ("at most 3 times the sort", 3 * sort_s)),
        row(
            "visits_plainly",
            "s",
            kernel_s,
            ("pandas groupby-apply", peer_s),
            ("a hundredth of the peer's time", peer_s / 100),
        ),
        row("day", "s", day_s, ("reading the file alone", read_s), ("at most 0.2 s", 0.2)),
        row(
            "memory",
            "MiB",
            memory_mib,
            ("the same process before", start_mib),
            ("at most 80 MiB more", start_mib + 80),
        ),
    ]


def row(name, unit, value, peer, goal) -> dict:
    """A line of the table. `peer` and `goal`: in words, and in numbers."""
    return {
        "name": f"traffic.{name}",
        "value": value,
        "unit": unit,
        "peer": peer[0],
        "peer_value": peer[1],
        "ratio": value / peer[1],
        "goal": goal[0],
        "met": value <= goal[1],
    }


def side_by_side(one, other) -> tuple[float, float]:
    """Median seconds of each, taken in turns: the machine may be busy elsewhere."""
    taken = [(seconds(one), seconds(other)) for _ in range(RUNS)]
    return statistics.median(a for a, _ in taken), statistics.median(b for _, b in taken)


def seconds(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def write_day(settings: Settings) -> None:
    rng = np.random.default_rng(20260516)
    start_s = day_bounds(DAY, settings.store.zone)[0].timestamp()
    passes = rng.random(DEVICES) < PASSERS_BY
    arrives_s = start_s + 9 * 3600 + rng.random(DEVICES) * 11 * 3600
    stays_s = np.where(passes, rng.uniform(5, 90, DEVICES), rng.gamma(2, 700, DEVICES))
    device = rng.integers(0, DEVICES, SIGHTINGS)
    heard_s = arrives_s[device] + rng.random(SIGHTINGS) * stays_s[device]
    mean_dbm = np.where(passes, -80, -57)[device]
    signal = np.clip(rng.normal(mean_dbm, 6).round(), -99, -1).astype(int)
    order = np.argsort(heard_s)
    file = sightings.DayFile(settings.sightings_dir, DAY)
    columns = zip(heard_s[order], device[order], signal[order], strict=True)
    file.append(
        (
            sightings.Sighting(int(at * 1e6), int(who), int(who) % LOOKS, True, int(dbm), 6, "s")
            for at, who, dbm in columns
        ),
        {},
    )
    file.close()


def whole_day(settings: Settings, now: dt.datetime):
    """From file to rows in the database: what `jobs` does every minute."""
    database = Database(f"sqlite:///{settings.data_dir / 'bench.sqlite'}")
    metadata.create_all(database.engine)
    return lambda: rollup.roll_up(database, settings, DAY, now)


def naive(table: pd.DataFrame, settings: Settings) -> tuple[float, int]:
    """Seconds that a call for each device takes, and the visitors it finds."""
    rules = settings.traffic

    def visitors(one: pd.DataFrame) -> int:
        one = one[one["signal_dbm"] >= rules.outside_dbm].sort_values("heard_at_s")
        found = 0
        for _, visit in one.groupby((one["heard_at_s"].diff() > rules.visit_gap_s).cumsum()):
            padded = np.pad(visit["signal_dbm"].to_numpy(), 2, mode="edge")
            smooth = pd.Series(padded).rolling(5, center=True).median().to_numpy()[2:-2]
            inside = smooth >= rules.inside_dbm
            stayed_s = visit["heard_at_s"].diff().to_numpy()[1:][inside[1:] & inside[:-1]].sum()
            found += bool(inside.any()) and stayed_s >= rules.visitor_after_s
        return found

    began = time.perf_counter()
    total = table.groupby("address")[["heard_at_s", "signal_dbm"]].apply(visitors).sum()
    return time.perf_counter() - began, int(total)


def memory(folder: str) -> tuple[float, float]:
    """Peak MiB of a fresh process with and before one roll-up."""
    command = [sys.executable, "-m", "tests.bench.traffic", folder]
    before, after = subprocess.run(command, check=True, capture_output=True).stdout.split()
    return float(after), float(before)


def peak_mib() -> float:
    # Not getrusage: its peak is also that of the process which started this one.
    [line] = [
        each for each in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in each
    ]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    found = Settings(data_dir=Path(sys.argv[1]))
    work = whole_day(found, day_bounds(DAY, found.store.zone)[1])
    before_mib = peak_mib()
    work()
    sys.stdout.write(f"{before_mib} {peak_mib()}\n")
