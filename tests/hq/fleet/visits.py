"""Store-days of visits, invented: what `doorman.visits.day` says of each."""

import datetime as dt

import numpy as np

from core.database import Database
from core.settings import Settings
from hq.fleet import landing, store_figures
from hq.models.every import metadata

DAY = dt.date(2026, 5, 16)
NOW = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
FRIDAY = dt.date(2026, 5, 15)


def event(store="store-1", *, day=DAY, visitors=40, passers_by=100, zone="Asia/Shanghai", seed=0):
    rng = np.random.default_rng([seed, *store.encode()])
    return {
        "store": store,
        "day": day.isoformat(),
        "time_zone": zone,
        "day_begins": "00:00",
        "visitor_after_s": 300,
        "withheld_below": 5,
        "passed": np.sort(rng.integers(540, 1320, passers_by)).tolist(),
        "inside": {
            "minute": np.sort(rng.integers(540, 1320, visitors)).tolist(),
            "dwell_s": (60 * rng.integers(5, 90, visitors)).tolist(),
        },
    }


def land(settings, region, said):
    landing.land(settings, store=said["store"], region=region, data=said, now=NOW)


def here(tasks):
    """Does tasks in this process."""
    for task in tasks:
        yield task, store_figures.batch(task)


def headquarters(home, **fleet) -> Settings:
    return Settings(data_dir=home / "data", hq={"fleet": fleet})


def empty_database(folder) -> Database:
    database = Database(f"sqlite:///{folder / 'hq.sqlite'}")
    metadata.create_all(database.engine)
    return database
