"""Invented store days for the benches: 200,000 sightings of 8,000 devices; six in ten pass by."""

import datetime as dt
from typing import NamedTuple

import numpy as np

from core import sightings
from core.clock import day_bounds
from core.settings import Settings

SIGHTINGS = 200_000
DEVICES = 8_000
PASSERS_BY = 0.6
LOOKS = 600
DAY = dt.date(2026, 5, 16)
# A phone takes another address so often.
ADDRESS_S = 300


class Columns(NamedTuple):
    """Sightings in order of time."""

    at_us: np.ndarray
    device: np.ndarray
    address: np.ndarray
    look: np.ndarray
    made_up: np.ndarray
    dbm: np.ndarray

    @property
    def keys(self) -> np.ndarray:
        """One number for each sighting, by which to sort: device, then time."""
        return self.device * 10**8 + self.at_us // 1000 % 10**8


def invent(seed: int = 20260516, day: dt.date = DAY, sightings_count: int = SIGHTINGS) -> Columns:
    rng = np.random.default_rng(seed)
    start_s = day_bounds(day, Settings().store.zone)[0].timestamp()
    passes = rng.random(DEVICES) < PASSERS_BY
    arrives_s = start_s + 9 * 3600 + rng.random(DEVICES) * 11 * 3600
    stays_s = np.where(passes, rng.uniform(5, 90, DEVICES), rng.gamma(2, 700, DEVICES))
    device = rng.integers(0, DEVICES, sightings_count)
    heard_s = arrives_s[device] + rng.random(sightings_count) * stays_s[device]
    mean_dbm = np.where(passes, -80, -57)[device]
    dbm = np.clip(rng.normal(mean_dbm, 6).round(), -99, -1).astype(np.int16)
    order = np.argsort(heard_s)
    at_us, device = (heard_s[order] * 1e6).astype(np.int64), device[order]
    made_up = device % 10 > 0
    turn = np.where(made_up, at_us // (ADDRESS_S * 1_000_000), 0)
    # Scattered as pseudonyms are, and as long.
    address = (device * 1_000_003 + turn * 7_919) * 2_654_435_761 % (1 << 24)
    return Columns(at_us, device, address, device % LOOKS, made_up, dbm[order])


def write(settings: Settings, columns: Columns) -> None:
    file = sightings.DayFile(settings.sightings_dir, DAY)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    file.append(
        (
            sightings.Sighting(at_us, address, look, made_up, dbm, 2437, "sensor")
            for at_us, _, address, look, made_up, dbm in rows
        ),
        {},
    )
    file.close()
