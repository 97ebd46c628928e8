"""Days of a shop through the roll-up, in a process of its own, as in jobs: what memory it takes.

    python -m tests.bench.rollup_days DAYS

prints its own memory at the end of each day, in MiB.
"""

import datetime as dt
import random
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from analytics import rollup
from analytics.visits.running_day import RunningDay
from core import sightings, spare_memory
from core.clock import day_bounds
from core.models.every import metadata
from core.settings import Settings
from core.sightings import Sighting
from tests import tables

FIRST_DAY = dt.date(2026, 3, 2)
OPENS, OPEN_S = dt.timedelta(hours=10), 12 * 3600
# Ten thousand phones a day: each address is heard some twenty times.
A_SECOND, NEW = 6, 0.05
# Real turns come each minute.
TURN_S, TRIM_EVERY = 120, 5


def day(folder: Path, of: dt.date, start: dt.datetime, rng: random.Random) -> Iterator[dt.datetime]:
    """Writes it down part by part; the time after each."""
    file = sightings.DayFile(folder, of)
    addresses: deque[int] = deque(maxlen=200)
    for until_s in range(TURN_S, OPEN_S + 1, TURN_S):
        rows = []
        for number in range((until_s - TURN_S) * A_SECOND, until_s * A_SECOND):
            if len(addresses) < 200 or rng.random() < NEW:
                addresses.append(rng.getrandbits(24))
            at_us = int(start.timestamp() * 1e6) + number * 1_000_000 // A_SECOND
            rows.append(Sighting(at_us, rng.choice(addresses), 1, True, -60, 2412, "sensor-1"))
        file.append(rows, {})
        yield start + dt.timedelta(seconds=until_s)
    file.close()


def main(days: int) -> None:
    rng = random.Random(1)
    spare_memory.give_back()
    spare_memory.take_turns()
    spare_memory.set_large_apart()
    with (
        tempfile.TemporaryDirectory(prefix="doorman-bench-") as name,
        ThreadPoolExecutor(10) as pool,
    ):
        settings = Settings(data_dir=Path(name))
        database = tables.sqlite(Path(name, "doorman.sqlite"), metadata)
        for of in (FIRST_DAY + dt.timedelta(days=number) for number in range(days)):
            midnight, _ = day_bounds(of, settings.store.zone)
            running = RunningDay(settings.sightings_dir, of)
            times = day(settings.sightings_dir, of, midnight + OPENS, rng)
            for turn, now in enumerate(times):
                pool.submit(rollup.roll_up, database, settings, of, now, running).result()
                if turn % TRIM_EVERY == 0:
                    pool.submit(spare_memory.trim).result()
            print(f"{own_mib():.1f}", flush=True)
            sightings.remove(settings.sightings_dir, of)
        database.dispose()


def own_mib() -> float:
    lines = Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty")) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]))
