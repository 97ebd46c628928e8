import datetime as dt
import gc
import logging
import types

import pytest

from core import attention, do_not_count, sightings
from core.do_not_count import DoNotCountKey, DoNotCountList
from sniffer.box import sensor as of_box
from sniffer.frames import LINK_RADIOTAP, Frame
from sniffer.source import Batch, Origin, Tick
from tests.conftest import NOON
from tests.sniffer.octets import EVERYBODY, dot11, probe_request, radiotap

TODAY = dt.date(2026, 5, 16)
NOON_US = int(NOON.timestamp()) * 1_000_000
SECOND_US = 1_000_000
HOURS_US = 3600 * SECOND_US


def phone(number):
    return b"\xda\x00\x00\x00" + number.to_bytes(2, "big")


def heard(*, at_us=NOON_US, sender=1, sequence=None, data=None):
    # Each sender's own: of hundreds, two may well have the same short pseudonym.
    sequence = (sender - 1) % 4096 if sequence is None else sequence
    data = data or probe_request(sender=phone(sender), sequence=sequence)
    return Frame(at_us, LINK_RADIOTAP, data)


def never():
    return False


class Stopwatch:
    """Moves on by `step` seconds each time it is looked at."""

    def __init__(self, step):
        self.step = step
        self.seconds = 0.0

    def __call__(self):
        self.seconds += self.step
        return self.seconds


@pytest.fixture
def rows(settings):
    def rows(day=TODAY):
        with sightings.reading(settings.sightings_dir, day) as connection:
            return connection.execute("SELECT * FROM sightings ORDER BY heard_at_us").fetchall()

    return rows


@pytest.fixture
def tallies(settings):
    def tallies(day=TODAY):
        with sightings.reading(settings.sightings_dir, day) as connection:
            return dict(connection.execute("SELECT name, value FROM tallies"))

    return tallies


def test_a_probe_request_becomes_a_sighting_of_its_day(settings, rows):
    of_box(settings).run([heard()], never)

    ((heard_at_us, address, fingerprint, randomised, signal_dbm, frequency_mhz, sensor),) = rows()
    assert (heard_at_us, signal_dbm, frequency_mhz, sensor) == (NOON_US, -60, 2437, "sensor-1")
    assert randomised
    assert 0 <= address < 1 << settings.sensor.pseudonym_bits
    assert 0 <= fingerprint < 1 << settings.sensor.pseudonym_bits


def test_what_is_heard_is_counted_and_so_is_what_is_rejected_by_its_reason(settings, tallies):
    frames = [
        heard(sender=1),
        heard(sender=2),
        heard(sender=2, at_us=NOON_US + 1000),
        heard(data=radiotap() + dot11(control=0x0080)),
        heard(data=radiotap() + dot11(control=0x0080)),
        heard(data=radiotap() + dot11(sender=EVERYBODY)),
        Tick(),
        Tick({"dropped": 3}),
    ]

    counts = of_box(settings).run(frames, never)

    assert counts == {
        "frames": 6,
        "probe_requests": 3,
        "duplicates": 1,
        "rejected.other_type": 2,
        "rejected.bad_address": 1,
        "dropped": 3,
    }
    assert tallies() == counts


def test_what_each_of_several_interfaces_heard_is_counted(settings, tallies):
    frames = [Origin("mon0"), heard(sequence=1), Origin("mon1"), heard(sequence=1), heard()]

    of_box(settings).run(frames, never)

    assert tallies()["source.mon0.frames"] == 1
    assert tallies()["source.mon1.frames"] == 2


def test_a_frame_heard_on_two_channels_is_one_sighting(settings, rows):
    other_channel = radiotap(frequency_mhz=2462) + dot11(sender=phone(1), sequence=9)
    frames = [heard(sequence=9), heard(at_us=NOON_US + 900, data=other_channel), heard(sequence=10)]

    of_box(settings).run(frames, never)

    assert len(rows()) == 2


def other(address, *, at_us=NOON_US, sensor="sensor-2"):
    return sightings.Sighting(at_us, address, 5, True, -70, 11, sensor)


def test_keeps_what_another_sensor_heard_and_counted(settings, rows, tallies):
    day_us = 24 * HOURS_US
    batch = Batch([(other(7), 1), (other(8, at_us=NOON_US - day_us), 1)], {"frames": 9})

    counts = of_box(settings).run([batch], never)

    assert counts == {"frames": 9}
    assert rows() == [(NOON_US, 7, 5, 1, -70, 11, "sensor-2")]
    assert [row[1] for row in rows(TODAY - dt.timedelta(days=1))] == [8]


def test_a_frame_that_two_sensors_heard_is_one_sighting(settings, rows):
    sensor = of_box(settings)
    sensor.run([heard(sequence=9)], never)
    address = rows()[0][1]
    batch = Batch([(other(address, at_us=NOON_US + 900), 9), (other(address), 10)])

    assert sensor.run([Tick(), batch], never) == {"duplicates": 1}
    assert len(rows()) == 2


def test_what_a_deaf_sensor_counts_belongs_to_the_running_day(settings, tallies):
    ticks = [Tick({"source.mon0.silent": 1}, NOON_US), Tick({}, NOON_US + 24 * HOURS_US)]

    of_box(settings).run(ticks, never)

    assert tallies() == {"source.mon0.silent": 1}
    assert sightings.days_in(settings.sightings_dir) == [TODAY]


def test_each_day_has_its_own_file_and_pseudonyms(settings, rows, tallies):
    midnight_us = NOON_US + 9 * HOURS_US + 1800 * SECOND_US
    frames = [heard(at_us=midnight_us + offset) for offset in (-5, 0, -2 * SECOND_US)]

    of_box(settings).run(frames, never)

    tomorrow = TODAY + dt.timedelta(days=1)
    assert sightings.days_in(settings.sightings_dir) == [TODAY, tomorrow]
    assert [row[0] - midnight_us for row in rows()] == [-2 * SECOND_US, -5]
    assert [row[0] - midnight_us for row in rows(tomorrow)] == [0]
    assert tallies()["frames"] == 2
    assert {row[1] for row in rows()} != {row[1] for row in rows(tomorrow)}


def test_stops_when_asked_and_writes_what_it_has(settings, rows):
    def endless():
        for number in range(1_000_000):
            yield heard(sender=number % 1000, at_us=NOON_US + number)

    asked = iter([False] * 41 + [True])

    counts = of_box(settings).run(endless(), lambda: next(asked))

    assert counts["frames"] == 42
    assert len(rows()) == 42


def test_stops_in_silence(settings):
    asked = iter([False, False, True])

    assert of_box(settings).run(iter(Tick, None), lambda: next(asked)) == {}
    assert sightings.days_in(settings.sightings_dir) == []


@pytest.mark.parametrize(
    ("step", "is_followed", "written"),
    [
        pytest.param(0, False, 500, id="when there are enough"),
        pytest.param(0.01, False, 500, id="not each second"),
        pytest.param(0.01, True, 510, id="each second, if somebody looks at it"),
        pytest.param(7, False, 510, id="once a minute"),
    ],
)
def test_writes_a_batch_while_it_listens(settings, rows, step, is_followed, written):
    seen = []
    if is_followed:
        settings.data_dir.mkdir(parents=True)
        attention.ask(settings.data_dir)

    def source():
        yield from (heard(sender=number) for number in range(510))
        yield from [Tick()] * (10 if step > 1 else 120)
        seen.append(len(rows()))

    of_box(settings, monotonic=Stopwatch(step)).run(source(), never)

    assert seen == [written]
    assert len(rows()) == 510


def test_writes_what_it_has_when_its_source_fails(settings, rows):
    def source():
        yield heard()
        raise ConnectionError("radio gone")

    with pytest.raises(ConnectionError):
        of_box(settings).run(source(), never)

    assert len(rows()) == 1


def test_a_phone_stays_the_same_over_a_new_source(settings, rows):
    sensor = of_box(settings)
    sensor.run([heard()], never)
    sensor.run([heard(at_us=NOON_US + 5 * SECOND_US)], never)

    assert len({row[1] for row in rows()}) == 1
    assert len(rows()) == 2


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        pytest.param(heard(at_us=1 << 64), "bad_time", id="time beyond the calendar"),
        pytest.param(heard(at_us=NOON_US - 48 * HOURS_US), "bad_time", id="time long gone"),
        pytest.param(Frame(NOON_US, LINK_RADIOTAP, None), "failed", id="no octets at all"),
    ],
)
def test_goes_on_after_a_bad_frame(settings, rows, bad, reason):
    yesterday = heard(at_us=NOON_US - 24 * HOURS_US)

    counts = of_box(settings).run([yesterday, heard(), bad, heard(sender=2)], never)

    assert counts["frames"] == 4
    assert counts[f"rejected.{reason}"] == 1
    assert len(rows()) == 2


def test_logs_a_fault_of_its_own_once(settings, caplog):
    frames = [Frame(NOON_US, LINK_RADIOTAP, None)] * 50

    assert of_box(settings).run(frames, never)["rejected.failed"] == 50
    assert len(caplog.records) == 1


def test_logs_what_it_counted_once_a_minute(settings, caplog):
    frames = [heard(sender=number) for number in range(130)]

    with caplog.at_level(logging.INFO):
        of_box(settings, monotonic=Stopwatch(1)).run(frames, never)

    lines = [record.values for record in caplog.records if record.message == "heard"]
    assert len(lines) == 2
    assert all(line.keys() == {"frames", "probe_requests"} for line in lines)
    assert sum(line["frames"] for line in lines) <= 130


def test_sightings_wait_until_the_disk_takes_them_again(settings, rows, caplog):
    settings.sightings_dir.parent.mkdir(parents=True)
    settings.sightings_dir.write_text("a file where the folder should be")

    def source():
        for number in range(1000):
            yield heard(sender=number)
        settings.sightings_dir.unlink()
        yield heard(sender=1000)

    of_box(settings).run(source(), never)

    assert len(rows()) == 1001
    assert [record.message for record in caplog.records] == ["sightings cannot be written"]


def test_what_cannot_wait_any_longer_is_counted(settings, tallies):
    settings.sightings_dir.parent.mkdir(parents=True)
    settings.sightings_dir.write_text("a file where the folder should be")

    def source():
        for number in range(50_002):
            yield heard(sequence=number % 4096, at_us=NOON_US + number * 1000)
        settings.sightings_dir.unlink()

    of_box(settings).run(source(), never)

    assert tallies()["unsaved"] == 2


def test_goes_on_while_another_program_reads_the_day(settings, rows):
    of_box(settings).run([heard()], never)
    with sightings.reading(settings.sightings_dir, TODAY) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sightings").fetchone()
        of_box(settings).run([heard(sender=2)], never)

    assert len(rows()) == 2


def test_who_asked_not_to_be_counted_leaves_no_trace_not_even_a_count(settings, rows, tallies):
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    key = DoNotCountKey(bytes(32))
    listed = DoNotCountList(key, [key.entry(phone(1))])
    do_not_count.write(settings.data_dir, listed)

    counts = of_box(settings).run([heard(sender=1), heard(sender=2)], never)

    assert counts == tallies() == {"frames": 1, "probe_requests": 1}
    assert len(rows()) == 1


def test_a_phone_is_left_out_within_a_second_of_asking(settings, rows):
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    key = DoNotCountKey(bytes(32))

    def source():
        yield heard(sequence=1)
        do_not_count.write(settings.data_dir, DoNotCountList(key, [key.entry(phone(1))]))
        yield Tick()
        yield heard(sequence=2)

    of_box(settings, monotonic=Stopwatch(1)).run(source(), never)

    assert len(rows()) == 1


@pytest.fixture
def strict(settings):
    return settings.model_copy(
        # Long pseudonyms: a short one may be any number that is reached by chance.
        update={"sensor": settings.sensor.model_copy(update={"strict": True, "pseudonym_bits": 63})}
    )


def test_strict_mode_writes_counts_alone(strict, rows, tallies):
    def counted(start_us, sightings_of_window):
        return sightings.WindowCount(start_us, len(sightings_of_window), 0)

    start_us = NOON_US + 120 * SECOND_US
    frames = [heard(at_us=start_us + second * SECOND_US) for second in range(-10, 600, 10)]

    of_box(strict, count_window=counted).run(frames, never)

    assert rows() == []
    assert tallies()["probe_requests"] == 61
    with sightings.reading(strict.sightings_dir, TODAY) as connection:
        windows = connection.execute("SELECT * FROM windows ORDER BY start_us").fetchall()
    assert windows == [(start_us, 24, 0), (start_us + 240 * SECOND_US, 24, 0)]


def test_strict_mode_does_not_start_without_what_counts(strict):
    with pytest.raises(ValueError, match="count_window"):
        of_box(strict)


def test_strict_mode_remembers_no_phone_after_minutes_of_silence(strict):
    counted = []

    def count(start_us, heard_in_it):
        counted.extend(each.address for each in heard_in_it)
        return sightings.WindowCount(start_us, len(heard_in_it), 0)

    watch = Stopwatch(1)
    sensor = of_box(strict, count_window=count, monotonic=watch)
    left = []

    def source():
        yield heard()
        yield heard(at_us=NOON_US + 240 * SECOND_US)
        while watch.seconds < 285:
            yield Tick()
        left.extend(numbers_in(sensor))

    sensor.run(source(), never)

    assert len(counted) == 1
    assert not set(counted) & set(left)


def numbers_in(sensor):
    """All that can be reached from it."""
    seen, waiting = set(), [sensor]
    while waiting:
        each = waiting.pop()
        if isinstance(each, int):
            yield each
        elif id(each) not in seen and not isinstance(each, (type, types.FunctionType)):
            seen.add(id(each))
            waiting += gc.get_referents(each)
