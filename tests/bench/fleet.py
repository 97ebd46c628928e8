"""The chain's figures: simulated store-days, counted on Dask, by a bare process pool, in DuckDB.

Set DOORMAN_BENCH_STORE_DAYS to other numbers than 10,100,1000 for less or more. All three have
to find the same figures of each store, to the last digit.
"""

import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from core import clock
from core.settings import Settings
from hq.fleet import landing
from tests.bench.figure import figure

ROWS = 20_000
_SIZES = tuple(map(int, os.environ.get("DOORMAN_BENCH_STORE_DAYS", "10,100,1000").split(",")))
_FIRST = dt.date(2026, 5, 1)
_PATTERNS = 20
_REGIONS = 10
_FLAT, _MOST = 1.3, 1.4


def measure():
    with tempfile.TemporaryDirectory(prefix="doorman-fleet-") as name:
        home = Path(name)
        days = {size: _FIRST + dt.timedelta(days=nth) for nth, size in enumerate(_SIZES)}
        landing_ms, file_kib = _land(home, days)
        runs = {
            (kind, size): _run(kind, home, day)
            for size, day in days.items()
            for kind in ("dask", "pool", "duckdb")
        }
    for size in _SIZES:
        same = {runs[kind, size]["digest"] for kind in ("dask", "pool", "duckdb")}
        assert len(same) == 1, "the three do not find the same figures"
    rows = [
        figure(
            "fleet.landing",
            unit="ms a store-day",
            value=landing_ms,
            peer="KiB a file",
            peer_value=file_kib,
            goal="-",
            met=None,
        )
    ]
    return [*rows, *(row for size in _SIZES for row in _figures(size, runs))]


def _figures(size, runs):
    dask, pool, duckdb = (runs[kind, size] for kind in ("dask", "pool", "duckdb"))
    each_ms, others_ms = 1e3 * dask["cpu_s"] / size, 1e3 * pool["cpu_s"] / size
    smallest = min(_SIZES)
    small_ms = 1e3 * runs["dask", smallest]["cpu_s"] / smallest
    return [
        figure(
            f"fleet.wall_{size}",
            unit="s",
            value=dask["wall_s"],
            peer="DuckDB",
            peer_value=duckdb["wall_s"],
            goal="-",
            met=None,
        ),
        figure(
            f"fleet.cpu_{size}",
            unit="ms a store-day",
            value=each_ms,
            peer="process pool",
            peer_value=others_ms,
            goal=f"<= {_MOST} x",
            met=each_ms <= _MOST * others_ms,
        ),
        figure(
            f"fleet.cpu_{size}_duckdb",
            unit="ms a store-day",
            value=each_ms,
            peer="DuckDB",
            peer_value=1e3 * duckdb["cpu_s"] / size,
            goal="-",
            met=None,
        ),
        figure(
            f"fleet.flat_{size}",
            unit="ms a store-day",
            value=each_ms,
            peer=f"with {smallest}",
            peer_value=small_ms,
            goal=f"<= {_FLAT} x",
            met=each_ms <= _FLAT * small_ms,
        ),
        *(
            figure(
                f"fleet.memory_{size}",
                unit="MiB, all processes",
                value=dask["peak_mib"],
                peer=peer,
                peer_value=run["peak_mib"],
                goal="-",
                met=None,
            )
            for peer, run in (("process pool", pool), ("DuckDB", duckdb))
        ),
        figure(
            f"fleet.start_{size}",
            unit="s",
            value=dask["started_s"],
            peer="process pool",
            peer_value=pool["started_s"],
            goal="-",
            met=None,
        ),
    ]


def _land(home, days):
    """How long a store-day takes to land, and how large its file is."""
    settings = Settings(data_dir=home)
    events = [_event(number) for number in range(_PATTERNS)]
    took_ms = []
    for size, day in days.items():
        for number in range(size):
            store, said = f"store-{number}", events[number % _PATTERNS] | {"day": day.isoformat()}
            region = f"region-{number % _REGIONS}"
            began = time.perf_counter()
            landing.land(settings, store=store, region=region, data=said, now=clock.now())
            took_ms.append(1e3 * (time.perf_counter() - began))
    sizes = [path.stat().st_size for path in home.glob("fleet/landed/*/*/*.parquet")]
    return statistics.median(took_ms), statistics.mean(sizes) / 1024


def _event(seed):
    """A busy store: three in ten come in, and stay for a quarter of an hour or so."""
    rng = np.random.default_rng(seed)
    minute = np.sort(rng.integers(540, 1320, ROWS))
    inside = rng.random(ROWS) < 0.3
    dwell_s = np.minimum(rng.lognormal(np.log(900), 0.8, inside.sum()) // 60, 720) * 60
    return {
        "time_zone": "Asia/Shanghai",
        "day_begins": "00:00",
        "visitor_after_s": 300,
        "passed": minute[~inside].tolist(),
        "inside": {
            "minute": minute[inside].tolist(),
            "dwell_s": dwell_s.astype(int).tolist(),
        },
    }


def _run(kind, home, day):
    command = [sys.executable, "-m", "tests.bench.fleet_run", kind, str(home), day.isoformat()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])
