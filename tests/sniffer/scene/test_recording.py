import datetime as dt
import itertools

import pytest

from sniffer import frames
from sniffer.scene import premises
from sniffer.scene.listening import Sensors
from sniffer.scene.models import models
from sniffer.scene.people import Kind, Person, stand
from sniffer.scene.premises import Point
from sniffer.scene.recording import Recording

MIDDLE = Point(5, 5)
START = dt.datetime(2026, 5, 16, 10, tzinfo=dt.UTC)
SHOP = premises.shop()


def recording(people, *, sensors=1, channels=(1,), hop_s=0.0, until_s=600):
    hung = Sensors.hung(SHOP, sensors, channels, hop_s=hop_s)
    return Recording(START, 1, iter(people), hung, (0, until_s))


def someone(number, since_s, until_s, place=MIDDLE, model="C21"):
    trip = stand(Kind.VISITOR, place, since_s, until_s)
    return Person(number, number, (trip,), ((models()[model], 0),))


def phones(frames):
    return {frame.phone for frame in frames} - {None}


def test_plays_nobody_before_they_come():
    begun = []

    def people():
        for number in range(100):
            begun.append(number)
            yield someone(number, 60 * number, 60 * number + 300)

    heard = itertools.takewhile(
        lambda frame: frame.at_us < (START.timestamp() + 300) * 1e6,
        recording(people(), until_s=6000),
    )
    assert phones(heard)
    assert len(begun) < 10


def test_what_one_phone_sends_does_not_hang_on_who_else_is_there():
    alone = [frame for frame in recording([someone(0, 0, 600)]) if frame.phone == 0]
    crowd = recording([someone(0, 0, 600), someone(1, 0, 600, model="E21")])

    assert [frame for frame in crowd if frame.phone == 0] == alone


def test_what_a_phone_sends_does_not_hang_on_who_listens():
    def moments(**listening):
        heard = recording([someone(0, 0, 600)], **listening)
        return {frame.at_us for frame in heard if frame.phone == 0 and frame.sensor == 0}

    one, two, card = moments(), moments(sensors=2), moments(channels=(1, 36))
    assert len(one & two) > len(one) / 2
    assert len(one & card) > len(one) / 2


def test_sensors_hear_the_same_frame_each_in_its_own_way():
    frames = [
        frame for frame in recording([someone(0, 0, 600)], sensors=2) if frame.phone is not None
    ]

    by_sensor = [[f.at_us for f in frames if f.sensor == sensor] for sensor in (0, 1)]
    both = set(by_sensor[0]) & set(by_sensor[1])
    assert len(both) > len(by_sensor[0]) / 2
    assert len({frame.data for frame in frames if frame.at_us in both}) > len(both)


@pytest.mark.parametrize(
    ("place", "heard"),
    [
        pytest.param(MIDDLE, True, id="in-the-shop"),
        pytest.param(Point(-300, -2), False, id="far-away"),
    ],
)
def test_who_is_too_far_away_is_not_heard(place, heard):
    assert bool(phones(recording([someone(0, 0, 600, place)]))) == heard


def test_a_card_at_five_gigahertz_hears_phones_that_can_send_there():
    people = [someone(0, 0, 600), someone(1, 0, 600, model="printer")]

    assert phones(recording(people, channels=(36,))) == {0}


def test_ends_when_told_to():
    *_, last = recording([someone(0, 0, 6000)], until_s=300)

    assert last.at_us / 1e6 < START.timestamp() + 310


def test_one_card_hears_one_channel_at_a_time():
    people = [someone(number, 0, 600) for number in range(5)]
    heard = [
        (frame.at_us / 1e6 - START.timestamp(), frames.decode(frame.data, 127).frequency_mhz)
        for frame in recording(people, channels=(1, 6), hop_s=2.0)
        if frame.phone is not None
    ]

    assert {mhz for _, mhz in heard} == {2412, 2437}
    assert all(mhz == (2412, 2437)[int(at_s // 2) % 2] for at_s, mhz in heard)
