"""A walk among shoppers: which phone it was, and how loud."""

import dataclasses
import datetime as dt
import random

import pytest

from analytics.calibration import stations
from analytics.calibration.stations import Heard, Live, Trouble
from core import sightings
from core.models.walk import Station
from sniffer import frames
from sniffer.scene import people
from sniffer.scene.listening import Sensors
from sniffer.scene.models import models
from sniffer.scene.people import Kind, Person
from sniffer.scene.phone import Phone
from sniffer.scene.premises import Point
from sniffer.scene.recording import Recording
from sniffer.scene.shop import Scene
from sniffer.scene.walk import Steps

US = 1_000_000
LEVELS = {Station.PAVEMENT: -75, Station.DOOR: -60, Station.BACK: -68}


def heard(every_s, dbm, *, look, address=None, start_s=0.0):
    """What one phone sends in a minute; without an address it makes up another each time."""
    times = [start_s + number * every_s for number in range(int((60 - start_s) / every_s) + 1)]
    return [
        Heard(int(at * US), address or hash((look, at, dbm)), look, dbm)
        for at in times
        if at < stations.STATION_S
    ]


def walk(look=1, address=None, levels=LEVELS):
    minutes = {at: heard(9, dbm, look=look, address=address) for at, dbm in levels.items()}
    return minutes | {Station.OFF: []}


def beside(minutes, *others):
    return {
        at: sorted([*own, *(each for other in others for each in other.get(at, ()))])
        for at, own in minutes.items()
    }


def everywhere(minute):
    return dict.fromkeys(Station, minute)


SHOPPERS = everywhere(
    [each for look in range(50, 60) for each in heard(40, -60, look=look, start_s=look % 40)]
)


@pytest.mark.parametrize("address", [None, 4711], ids=["new addresses", "one address"])
def test_among_shoppers_it_is_the_phone_that_was_heard_all_the_time_and_then_not_at_all(address):
    found = stations.recognise(beside(walk(address=address), SHOPPERS))

    assert {at: level.median_dbm for at, level in found.levels.items()} == LEVELS


def test_a_till_that_is_heard_as_often_does_not_fall_silent_and_is_not_it():
    till = everywhere(heard(5, -40, look=9, address=9))

    found = stations.recognise(beside(walk(), till))

    assert found.levels[Station.DOOR].median_dbm == LEVELS[Station.DOOR]


def test_with_wifi_still_on_no_phone_is_known():
    found = stations.recognise(walk() | {Station.OFF: heard(9, -68, look=1)})

    assert (found.trouble, found.at) == (Trouble.NOT_SILENT, Station.OFF)


def test_where_settings_were_not_open_the_station_is_named():
    found = stations.recognise(walk() | {Station.DOOR: heard(50, -60, look=1)})

    assert (found.trouble, found.at) == (Trouble.NOT_HEARD, Station.DOOR)


def test_a_walk_under_way_has_the_levels_of_the_stations_that_are_over():
    found = stations.recognise({Station.PAVEMENT: walk()[Station.PAVEMENT]})

    assert list(found.levels) == [Station.PAVEMENT]


def test_two_phones_that_both_fit_and_were_in_different_places_are_not_guessed_between():
    other = walk(look=2, levels=dict.fromkeys(LEVELS, -45))

    assert stations.recognise(beside(walk(), other)).trouble is Trouble.ALIKE


def test_two_looks_of_one_phone_are_one_phone():
    other = walk(look=2, levels={at: dbm - 3 for at, dbm in LEVELS.items()})

    assert stations.recognise(beside(walk(), other)).trouble is None


def test_of_a_burst_the_strongest_frame_counts_and_of_bursts_the_middle():
    bursts = [(-70, -58), (-80, -60), (-75, -62), (-90, -85), (-66, -61), (-71, -59)]
    minute = [
        Heard(int((9 * number + part / 10) * US), 5, 5, dbm)
        for number, burst in enumerate(bursts)
        for part, dbm in enumerate(burst)
    ]

    level = stations.recognise({Station.PAVEMENT: minute}).levels[Station.PAVEMENT]

    assert level == stations.Level(-60, -61, -58)


def test_a_running_station_shows_the_phone_that_is_heard_in_every_slot():
    minute = [each for each in heard(8, -60, look=1) if each.at_us < 35 * US]

    assert stations.listen({}, minute, 0, 35 * US) == Live((-60, -60, -60, -60), 1)


def test_a_running_station_without_such_a_phone_shows_none():
    minute = [each for each in SHOPPERS[Station.DOOR] if each.at_us < 45 * US]

    assert stations.listen({}, minute, 0, 45 * US).phones == 0


def test_a_phone_that_was_not_at_the_station_before_is_not_shown():
    before = {Station.PAVEMENT: heard(9, -75, look=1)}

    assert stations.listen(before, heard(9, -50, look=7), 0, 50 * US).phones == 0


def test_only_the_asked_span_of_the_day_is_read(settings, now):
    day = settings.today(now)
    file = sightings.DayFile(settings.sightings_dir, day)
    for seconds, dbm in ((-1, -50), (0, -60), (30, None), (59, -70), (60, -80)):
        at = int((now + dt.timedelta(seconds=seconds)).timestamp() * US)
        file.append([sightings.Sighting(at, 1, 2, True, dbm, 2437, "s")], {})
    file.close()

    minute = stations.hear(settings.sightings_dir, day, now, now + dt.timedelta(minutes=1))

    assert [each.signal_dbm for each in minute] == [-60, -70]


def test_a_day_without_a_file_has_nothing(settings, now):
    assert stations.hear(settings.sightings_dir, settings.today(now), now, now) == []


START = dt.datetime(2026, 5, 16, 2, tzinfo=dt.UTC)


class WithWalker(Recording):
    """A scene in which one phone has its Wi-Fi settings open."""

    def _played(self, number, phone, person):
        if person.number < 0:
            model = person.devices[0][0]
            heard_channels = self._sensors.heard_channels
            phone = Phone(self._rng("walker"), model, 1, heard_channels, screen_on=True)
            self.walker = number
        yield from super()._played(number, phone, person)


@pytest.mark.parametrize(("seed", "model"), [(3, "C25"), (11, "E25"), (19, "D17")])
def test_in_a_busy_shop_it_is_the_walkers_phone(seed, model):
    """With the simulator's shoppers; docs/calibration.md says how often it is, of more walks."""
    scene = Scene(START, seed=seed, hours=0.6, people_per_hour=600)
    door = scene.premises.door
    spots = (Point(door.x + 1, -2.5), Point(door.x, 1.0), Point(door.x - 2, 12.5))
    steps, begins_s = Steps(1500.0, spots[0]), {}
    for station, spot in zip(stations.STATIONS, spots, strict=True):
        begins_s[station] = steps.go(spot, 1.2).stay(10).now_s
        steps.stay(60)
    begins_s[Station.OFF] = steps.now_s + 10
    open_settings = dataclasses.replace(models()[model], interval_s=(9.0, 9.0))
    trip = people.Trip(Kind.STAFF, steps.walk())
    walker = Person(-1, -1, (trip,), ((open_settings, 1),))
    crowd = [*scene.people(random.Random(seed)), walker]
    crowd.sort(key=lambda person: person.trips[0].walk.start_s)
    sensors = Sensors.hung(scene.premises, 1, scene.channels)
    recording = WithWalker(START, seed, iter(crowd), sensors, (1450, 1850))

    minutes, own = {at: [] for at in Station}, {at: [] for at in Station}
    for frame in recording:
        request = frames.decode(frame.data, frames.LINK_RADIOTAP)
        for station, begin_s in begins_s.items():
            begin_us = int((START.timestamp() + begin_s) * US)
            if frame.phone is not None and 0 <= frame.at_us - begin_us < 60 * US:
                one = Heard(
                    frame.at_us,
                    int.from_bytes(request.address),
                    hash(request.fingerprint),
                    request.signal_dbm,
                )
                minutes[station].append(one)
                if frame.phone == recording.walker:
                    own[station].append(one)

    found, alone = stations.recognise(minutes), stations.recognise(own)
    assert len(minutes[Station.DOOR]) > 1.5 * len(own[Station.DOOR])
    for station, level in found.levels.items():
        assert abs(level.median_dbm - alone.levels[station].median_dbm) <= 4
    assert list(found.levels) == list(stations.STATIONS)
