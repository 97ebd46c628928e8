"""A store-year of visits, day by day, and NumPy's sort of the same keys all at once.

    python -m tests.bench.traffic_year days|sort NUMBER

prints the seconds that visits take, those of linking and visits together, and the peak
memory of the process in MiB; or the seconds of the sort. Inventing the days is not counted:
in a store each is read from its file, and a year is never in memory at once.
"""

import sys
import time

import numpy as np

from analytics.devices import linking
from analytics.devices.names import NOBODY
from analytics.visits import visits
from core.setting_groups.traffic import TrafficSettings
from tests.bench import store_day
from tests.bench.peak import peak_mib

RULES = TrafficSettings()
WINDOW_US = RULES.window_s * 1_000_000
NEVER_US = 1 << 62


def by_day(days: int) -> None:
    linking_s = visits_s = 0.0
    for number in range(days):
        day = store_day.invent(number)
        began = time.perf_counter()
        heard = linking.Heard(day.at_us, day.address, day.look, day.made_up)
        linking.follow(NOBODY, heard, WINDOW_US)
        linked = time.perf_counter()
        near = visits.Near(day.at_us, day.device, day.dbm)
        visits.judged(visits.follow(visits.NOBODY, near, NEVER_US, RULES).ended, RULES)
        visits_s += time.perf_counter() - linked
        linking_s += linked - began
    print(visits_s, linking_s + visits_s, peak_mib())


def at_once(days: int) -> None:
    keys = np.concatenate([store_day.invent(number).keys for number in range(days)])
    began = time.perf_counter()
    np.sort(keys)
    print(time.perf_counter() - began)


if __name__ == "__main__":
    {"days": by_day, "sort": at_once}[sys.argv[1]](int(sys.argv[2]))
