"""Hand-made sightings, in a day file."""

import datetime as dt

import numpy as np
import pytest

from core import sightings
from core.clock import day_bounds

INSIDE, OUTSIDE, TOO_FAR = -50, -80, -95


@pytest.fixture
def day_file(settings):
    """Writes sightings of a day: (minutes after midnight, device, dBm)."""

    def write(day, rows, tallies=None):
        start, _ = day_bounds(day, settings.store.zone)
        file = sightings.DayFile(settings.sightings_dir, day)
        file.append((_sighting(start, *row) for row in rows), tallies or {})
        file.close()

    return write


def _sighting(start: dt.datetime, minute, device, dbm):
    heard_at = start + dt.timedelta(minutes=minute)
    return sightings.Sighting(
        heard_at_us=int(heard_at.timestamp() * 1e6),
        address=device,
        fingerprint=1000 + device,
        randomised=False,
        signal_dbm=dbm,
        frequency_mhz=2437,
        sensor="sensor-1",
    )


def stays(device, first_minute, last_minute, dbm):
    """A device heard every two minutes."""
    return [(minute, device, dbm) for minute in np.arange(first_minute, last_minute + 0.1, 2.0)]


@pytest.fixture
def shop_day(day_file):
    """A day with 12 passers-by and 8 visitors of 20 minutes at 10, as many again at 15."""

    def write(day):
        rows = []
        for hour in (10, 15):
            for number in range(12):
                rows += stays(100 * hour + number, 60 * hour + number, 60 * hour + number, OUTSIDE)
            for number in range(8):
                begin = 60 * hour + 2 * number
                rows += stays(100 * hour + 50 + number, begin, begin + 20, INSIDE)
        day_file(day, rows, {"frames": 500})

    return write
