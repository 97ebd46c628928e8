import numpy as np

from analytics.visits import fixtures
from core.setting_groups.traffic import TrafficSettings

RULES = TrafficSettings(window_s=900, fixture_after_h=8)
HOUR_S = 3600


def heard(device, first_h, last_h):
    return [(at, device) for at in np.arange(first_h * HOUR_S, last_h * HOUR_S, 300.0)]


def always_there(*parts):
    rows = sorted(row for part in parts for row in part)
    address = np.array([device for _, device in rows], dtype=np.int64)
    window = np.array([at // RULES.window_s for at, _ in rows], dtype=np.int64)
    heard_in = fixtures.heard_in(window, address)
    return fixtures.always_there(heard_in, len(set(window.tolist())), RULES).tolist()


def test_an_address_heard_for_longer_than_the_setting_is_a_fixture():
    assert always_there(heard(1, 0, 9), heard(2, 0, 8), heard(3, 0, 24)) == [1, 3]


def test_early_in_a_day_what_is_heard_in_every_window_is_a_fixture():
    assert always_there(heard(1, 0, 5), heard(2, 1, 5)) == [1]


def test_nobody_is_a_fixture_in_the_first_hours():
    assert always_there(heard(1, 0, 3), heard(2, 1, 3)) == []


def test_hours_need_not_be_in_one_piece():
    assert always_there(heard(1, 0, 5), heard(1, 12, 16), heard(2, 0, 24)) == [1, 2]


def test_no_sightings_have_no_fixture():
    assert always_there([]) == []
