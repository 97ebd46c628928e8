"""How long a store-day and a store-year of sightings take to become figures, and how much memory.

The limit is NumPy's bare sort of the same keys, the peers what one writes first (a pandas
groupby-apply) and two engines for tables; every peer has to find the same visits to the
last digit. Linking made-up addresses into devices, which none of the peers does, is measured
apart. `traffic.minute` is what the jobs do each minute of a busy day.
"""

import datetime as dt
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from analytics import rollup
from analytics.devices import linking
from analytics.devices.names import NOBODY
from analytics.visits import sightings_table, traffic, visits, windows
from analytics.visits.running_day import RunningDay
from core import sightings
from core.clock import day_bounds
from core.database import Database
from core.models.every import metadata
from core.settings import Settings
from tests.bench import store_day, traffic_peers
from tests.bench.figure import figure
from tests.bench.memory_of_days import memory_of_days
from tests.bench.peak import peak_mib
from tests.bench.store_day import DAY, Columns

RUNS = 7
DAYS, FEW_DAYS = 365, 5
SORT = "numpy's sort of the same keys"
NEVER_US = 1 << 62


def measure() -> list[dict]:
    columns = store_day.invent()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        store_day.write(settings, columns)
        return [
            *kernels(columns, settings),
            *against_peers(columns, settings),
            *whole_days(folder, settings),
            minute(settings),
            memory_of_days("traffic.memory_after_days", "rollup_days", FEW_DAYS),
            *year(),
        ]


def kernels(columns: Columns, settings: Settings) -> list[dict]:
    """What follows on reading: visits of known devices, as the peers find them; and all of it."""
    rules, zone = settings.traffic, settings.store.zone
    heard = sightings_table.read(settings.sightings_dir, DAY)
    _, end = day_bounds(DAY, zone)
    empty = windows.put_together([], 0, np.empty(0, np.int64), {}, rules)

    def visits_alone():
        return traffic.sum_up(
            empty._replace(visits=found(columns, settings)), DAY, zone, end, rules
        )

    def linked():
        of = linking.Heard(columns.at_us, columns.address, columns.look, columns.made_up)
        device = linking.follow(NOBODY, of, rules.window_s * 1_000_000).device
        return visits.follow(
            visits.NOBODY, visits.Near(columns.at_us, device, columns.dbm), NEVER_US, rules
        )

    def everything():
        return traffic.sum_up(windows.whole_day(heard, {}, rules), DAY, zone, end, rules)

    keys, rows = columns.keys, []
    for name, work, goal in (
        ("visits", visits_alone, 3),
        ("linking_and_visits", linked, 3),
        ("everything", everything, None),
    ):
        ours_s, sort_s = side_by_side(work, lambda: np.sort(keys))
        rows.append(
            figure(
                f"traffic.{name}",
                unit="s",
                value=ours_s,
                peer=SORT,
                peer_value=sort_s,
                goal=f"at most {goal} times the sort" if goal else "-",
                met=ours_s <= goal * sort_s if goal else None,
            )
        )
    return rows


def found(columns: Columns, settings: Settings) -> visits.Rows:
    near = visits.Near(columns.at_us, columns.device, columns.dbm)
    ended = visits.follow(visits.NOBODY, near, NEVER_US, settings.traffic).ended
    return visits.judged(ended, settings.traffic)


def against_peers(columns: Columns, settings: Settings) -> list[dict]:
    ours_s = statistics.median(seconds(lambda: found(columns, settings)) for _ in range(RUNS))
    names = ["device", "first_us", "last_us", "inside_us", "entered"]
    visits_found = found(columns, settings)
    ours = traffic_peers.in_order(
        np.column_stack([visits_found[name].astype(np.int64) for name in names])
    )
    rows = []
    for name, work in traffic_peers.peers().items():
        began = time.perf_counter()
        theirs = work(columns, settings.traffic)
        peer_s = time.perf_counter() - began
        if name != "pandas groupby-apply":
            runs = [seconds(lambda work=work: work(columns, settings.traffic)) for _ in range(3)]
            peer_s = statistics.median(runs)
        if not np.array_equal(ours, theirs):
            raise AssertionError(f"{name} finds other visits")
        rows.append(
            figure(
                f"traffic.visits_by_{name.split()[0]}",
                unit="s",
                value=ours_s,
                peer=name,
                peer_value=peer_s,
                goal="less than the peer",
                met=ours_s < peer_s,
            )
        )
    return rows


def whole_days(folder: str, settings: Settings) -> list[dict]:
    """From file to rows in the database, by a process that has done so before, or has not."""
    _, end = day_bounds(DAY, settings.store.zone)
    day_s, read_s = side_by_side(
        roll_up(settings, end), lambda: sightings_table.read(settings.sightings_dir, DAY)
    )
    command = [sys.executable, "-m", "tests.bench.traffic", folder]
    before, after = map(float, run(command))
    return [
        figure(
            "traffic.day",
            unit="s",
            value=day_s,
            peer="reading the file alone",
            peer_value=read_s,
            goal="at most 0.2 s",
            met=day_s <= 0.2,
        ),
        figure(
            "traffic.memory",
            unit="MiB",
            value=after,
            peer="the same process before",
            peer_value=before,
            goal="at most 80 MiB more",
            met=after <= before + 80,
        ),
    ]


def minute(settings: Settings) -> dict:
    """At the end of a day, a minute's sightings have come in."""
    running = RunningDay(settings.sightings_dir, DAY)
    running.read(settings.traffic)
    kept_s = []
    last_us = int(sightings_table.read(settings.sightings_dir, DAY).heard_at_us[-1])
    for number in range(RUNS):
        file = sightings.DayFile(settings.sightings_dir, DAY)
        file.append(
            (
                sightings.Sighting(last_us + at * 10_000 + number, at, at, True, -50, 2437, "s")
                for at in range(300)
            ),
            {},
        )
        file.close()
        kept_s.append(seconds(lambda: running.read(settings.traffic)))
    whole_s = seconds(lambda: RunningDay(settings.sightings_dir, DAY).read(settings.traffic))
    return figure(
        "traffic.minute",
        unit="s",
        value=statistics.median(kept_s),
        peer="the day read whole",
        peer_value=whole_s,
        goal="a tenth of it",
        met=statistics.median(kept_s) <= whole_s / 10,
    )


def year() -> list[dict]:
    command = [sys.executable, "-m", "tests.bench.traffic_year"]
    visits_s, linked_s, peak = map(float, run([*command, "days", str(DAYS)]))
    [sort_s] = map(float, run([*command, "sort", str(DAYS)]))
    return [
        *(
            figure(
                f"traffic.{name}",
                unit="s",
                value=value,
                peer=SORT,
                peer_value=sort_s,
                goal="at most 1.3 times the sort",
                met=value <= 1.3 * sort_s,
            )
            for name, value in (("year", visits_s), ("year_with_linking", linked_s))
        ),
        figure(
            "traffic.year_memory",
            unit="MiB",
            value=peak,
            peer="-",
            peer_value=0.0,
            goal="at most 512 MiB",
            met=peak <= 512,
        ),
    ]


def run(command: list[str]) -> list[str]:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def side_by_side(one, other) -> tuple[float, float]:
    """Median seconds of each, taken in turns: the machine may be busy elsewhere."""
    taken = [(seconds(one), seconds(other)) for _ in range(RUNS)]
    return statistics.median(a for a, _ in taken), statistics.median(b for _, b in taken)


def seconds(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def roll_up(settings: Settings, now: dt.datetime):
    """From file to rows in the database."""
    database = Database(f"sqlite:///{settings.data_dir / 'bench.sqlite'}")
    metadata.create_all(database.engine)
    return lambda: rollup.roll_up(database, settings, DAY, now)


if __name__ == "__main__":
    settings_found = Settings(data_dir=Path(sys.argv[1]))
    work = roll_up(settings_found, day_bounds(DAY, settings_found.store.zone)[1])
    before_mib = peak_mib()
    work()
    sys.stdout.write(f"{before_mib} {peak_mib()}\n")
