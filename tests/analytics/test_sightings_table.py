import datetime as dt

import pytest

from analytics import sightings_table
from core import sightings

DAY = dt.date(2026, 5, 16)


def test_gives_sightings_in_order_of_time_however_batches_came(settings, day_file):
    day_file(DAY, [(2, 7, -60), (9, 8, -70)])
    day_file(DAY, [(1, 9, -80)])

    table = sightings_table.read(settings.sightings_dir, DAY)

    assert table["address"].tolist() == [9, 7, 8]
    assert table["fingerprint"].tolist() == [1009, 1007, 1008]
    assert table["signal_dbm"].tolist() == [-80, -60, -70]
    assert table["heard_at_s"].is_monotonic_increasing


def test_a_sighting_without_signal_is_weaker_than_any_threshold(settings, day_file):
    day_file(DAY, [(1, 7, None)])

    assert (sightings_table.read(settings.sightings_dir, DAY)["signal_dbm"] < -100).all()


def test_a_day_without_sightings_is_an_empty_table(settings, day_file):
    day_file(DAY, [])

    assert len(sightings_table.read(settings.sightings_dir, DAY)) == 0


def test_tells_a_missing_file_from_a_broken_one(settings):
    with pytest.raises(FileNotFoundError):
        sightings_table.read(settings.sightings_dir, DAY)

    settings.sightings_dir.mkdir(parents=True)
    sightings.path_of(settings.sightings_dir, DAY).write_text("not a database" * 100)
    with pytest.raises(sightings_table.UnreadableDayError, match="2026-05-16"):
        sightings_table.read(settings.sightings_dir, DAY)
