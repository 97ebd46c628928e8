"""Counts one day of the fleet's folder in one of three ways, and says what it took, as JSON.

    python -m tests.bench.fleet_run dask|pool|duckdb DATA_DIR DAY

The processes are started and have loaded their packages before the clock runs; what that takes
is told apart. Memory is the sum of all processes' proportional shares (PSS).
"""

import concurrent.futures
import contextlib
import datetime as dt
import hashlib
import json
import multiprocessing
import sys
import threading
import time
from pathlib import Path

import psutil

from core.database import Database
from core.settings import Settings
from hq.fleet import cluster, figures, folder, sql, store_figures, visit_files
from hq.fleet.folder import Partition
from hq.models.every import metadata

WORKERS = 2
_EVERY_S = 0.1
_QUESTION = """
    SELECT store,
           count(*) FILTER (NOT visitor) AS passers_by, count(*) FILTER (visitor) AS visitors,
           count(*) FILTER (zone = 'inside') AS entries,
           count(*) FILTER (visitor AND dwell_s < 600) AS bounces,
           quantile_cont(dwell_s, [0.25, 0.5, 0.75]) FILTER (visitor) AS quartiles,
           list(hour) FILTER (visitor) AS hours
    FROM (SELECT *, zone = 'inside' AND dwell_s >= visitor_after_s AS visitor,
                 minute // 60 AS hour FROM visits WHERE day = ?)
    GROUP BY store ORDER BY store
"""


class Used:
    """CPU seconds and memory of this process and all below it."""

    def __init__(self):
        self._me = psutil.Process()
        self._over = threading.Event()
        self.peak_mib = 0.0
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def cpu_s(self):
        return sum(each.cpu_times().user + each.cpu_times().system for each in self._processes())

    def stop(self):
        self._over.set()
        self._watch.join()

    def _look(self):
        while not self._over.wait(_EVERY_S):
            total = 0
            for each in self._processes():
                with contextlib.suppress(psutil.Error):
                    total += each.memory_full_info().pss
            self.peak_mib = max(self.peak_mib, total / 2**20)

    def _processes(self):
        return [self._me, *self._me.children(recursive=True)]


def by_dask(settings, database, day):
    began = time.perf_counter()
    with cluster.running(settings.hq.fleet) as run:
        for _ in run(_loading(settings, day)):
            pass
        started_s = time.perf_counter() - began
        yield started_s
        yield counted(settings, database, day, run)


def by_pool(settings, database, day):
    began = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(WORKERS, context) as pool:

        def run(tasks):
            waiting = {pool.submit(store_figures.batch, task): task for task in tasks}
            for done in concurrent.futures.as_completed(waiting):
                yield waiting[done], done.result()

        for _ in run(_loading(settings, day)):
            pass
        yield time.perf_counter() - began
        yield counted(settings, database, day, run)


def by_duckdb(settings, _database, day):
    began = time.perf_counter()
    with sql.asking(settings) as connection:
        yield time.perf_counter() - began
        rows = connection.execute(_QUESTION, [day]).fetchall()
        yield [[*row[:5], *(round(each) for each in row[5]), _by_hour(row[6])] for row in rows]


def _by_hour(hours):
    return [hours.count(hour) for hour in range(24)]


def counted(settings, database, day, run):
    list(figures.bring_up_to_date(settings, database, [day], run, again=True))
    where = folder.of(settings)
    names = ("store", "passers_by", "visitors", "entries", "bounces")
    quartiles = ("dwell_q1_s", "dwell_median_s", "dwell_q3_s")
    return sorted(
        [
            *(store[name] for name in (*names, *quartiles)),
            [hour["visitors"] for hour in store["hours"]],
        ]
        for place in where.regions("figures", day)
        for store in figures.of_stores(where, Partition(day, place.region))
    )


def _loading(settings, day):
    """One store-day over and over, so that all workers have loaded what they need."""
    where = folder.of(settings)
    place = next(where.regions(folder.LANDED, day))
    pieces = visit_files.everything(where, place)[:1]
    return [store_figures.Task(where, place, tuple(pieces)) for _ in range(10 * WORKERS)]


def main():
    kind, data_dir, day = sys.argv[1], Path(sys.argv[2]), dt.date.fromisoformat(sys.argv[3])
    settings = Settings(data_dir=data_dir, hq={"fleet": {"workers": WORKERS}})
    database = Database(f"sqlite:///{data_dir / f'{kind}.sqlite'}")
    metadata.create_all(database.engine)
    ways = {"dask": by_dask, "pool": by_pool, "duckdb": by_duckdb}
    with contextlib.closing(ways[kind](settings, database, day)) as way:
        used = Used()
        started_s = next(way)
        before_s, began = used.cpu_s(), time.perf_counter()
        found = next(way)
        wall_s, cpu_s = time.perf_counter() - began, used.cpu_s() - before_s
        used.stop()
    said = {
        "started_s": started_s,
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "peak_mib": used.peak_mib,
        "stores": len(found),
        "digest": hashlib.blake2b(json.dumps(found).encode(), digest_size=8).hexdigest(),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
