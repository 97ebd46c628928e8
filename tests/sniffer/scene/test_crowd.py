import datetime as dt

import pytest

from sniffer import frames
from sniffer.scene.crowd import Crowd

START = dt.datetime(2026, 5, 16, 10, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def played():
    return Crowd(START, devices=60, minutes=10).play()


def test_everybody_has_one_phone(played):
    truth = played[1]

    assert len(truth.people) == len(truth.devices) == 60
    assert [device.person for device in truth.devices] == list(range(60))


def test_nearly_all_are_heard_in_ten_minutes(played):
    assert len({frame.phone for frame in played[0]} - {None}) >= 57


def test_a_crowd_with_the_same_phone_looks_alike():
    def looks(same_model):
        heard, _ = Crowd(START, devices=40, minutes=5, same_model=same_model).play()
        decoded = [frames.decode(frame.data, 127) for frame in heard if frame.phone is not None]
        return len({request.fingerprint for request in decoded})

    assert looks(1.0) <= 3 < looks(0.5) < looks(0.0)
