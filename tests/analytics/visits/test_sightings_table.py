import datetime as dt

import numpy as np
import pytest

from analytics.visits import sightings_table
from core import sightings

DAY = dt.date(2026, 5, 16)


def test_gives_sightings_in_order_of_time_however_batches_came(settings, day_file):
    day_file(DAY, [(2, 7, -60), (9, 8, -70)])
    day_file(DAY, [(1, 9, -80)])

    table = sightings_table.read(settings.sightings_dir, DAY)

    assert table.address.tolist() == [9, 7, 8]
    assert table.fingerprint.tolist() == [1009, 1007, 1008]
    assert table.signal_dbm.tolist() == [-80, -60, -70]
    assert np.diff(table.heard_at_us).tolist() == [60_000_000, 7 * 60_000_000]


def test_a_sighting_without_signal_is_weaker_than_any_threshold(settings, day_file):
    day_file(DAY, [(1, 7, None)])

    assert (sightings_table.read(settings.sightings_dir, DAY).signal_dbm < -100).all()


def test_a_day_without_sightings_is_an_empty_table(settings, day_file):
    day_file(DAY, [])

    assert len(sightings_table.read(settings.sightings_dir, DAY).address) == 0


def test_tells_a_missing_file_from_a_broken_one(settings):
    with pytest.raises(FileNotFoundError):
        sightings_table.read(settings.sightings_dir, DAY)

    settings.sightings_dir.mkdir(parents=True)
    sightings.path_of(settings.sightings_dir, DAY).write_text("not a database" * 100)
    with pytest.raises(sightings_table.UnreadableDayError, match="2026-05-16"):
        sightings_table.read(settings.sightings_dir, DAY)


@pytest.mark.parametrize("first", range(5))
def test_what_was_heard_at_the_same_moment_has_an_order_of_its_own(settings, day_file, first):
    rows = [(1, 7, -60), (1, 8, -60), (1, 7, -50), (2, 7, -60), (0, 9, -70)]
    day_file(DAY, rows[first:] + rows[:first])

    table = sightings_table.read(settings.sightings_dir, DAY)

    assert list(zip(table.address, table.signal_dbm, strict=True)) == [
        (9, -70),
        (7, -60),
        (7, -50),
        (8, -60),
        (7, -60),
    ]


def test_pseudonyms_of_any_length_are_read_to_the_last_digit(settings):
    longest = (1 << 63) - 1
    file = sightings.DayFile(settings.sightings_dir, DAY)
    file.append([sightings.Sighting(1, longest, longest - 1, False, None, None, "s")], {})
    file.close()

    table = sightings_table.read(settings.sightings_dir, DAY)

    assert (table.address.tolist(), table.fingerprint.tolist()) == ([longest], [longest - 1])


def test_tells_what_has_come_in_and_what_was_heard_better(settings, day_file):
    day_file(DAY, [(5, 7, -60), (9, 8, -70)])
    with sightings_table.reading(settings.sightings_dir, DAY) as reader:
        first = reader.news(0, 0)
    day_file(DAY, [(7, 7, -60)])
    heard_at_us = first.since_us
    file = sightings.DayFile(settings.sightings_dir, DAY)
    better = sightings.Sighting(heard_at_us, 7, 1007, False, -40, None, "other")
    file.append((), {}, amended=[better])
    file.close()

    with sightings_table.reading(settings.sightings_dir, DAY) as reader:
        second = reader.news(first.row, first.amendment)
        third = reader.news(second.row, second.amendment)
        strongest = reader.sightings().signal_dbm.max()

    assert (first.row, second.row) == (2, 3)
    assert second.since_us == heard_at_us
    assert third.since_us is None
    assert strongest == -40
