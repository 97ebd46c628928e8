import numpy as np
import pytest

from analytics.devices import crowds, linking
from analytics.devices.evidence import Sightings

WINDOW_S = 900
MINUTES = 20
CHANNEL_MHZ = 2412


def phone(rng, number, *, every_s=60.0, burst_s=1.0, look=7, strength_dbm=np.nan, frames=4):
    """A phone that scans every so often, each time under another address."""
    at_s = rng.uniform(0, every_s)
    rows = []
    while at_s < 60 * MINUTES:
        address = rng.integers(1 << 40)
        heard_dbm = strength_dbm + rng.normal(0, 2)
        rows += [
            (at_s + burst_s * part / frames, address, look, heard_dbm) for part in range(frames)
        ]
        at_s += every_s * rng.uniform(0.7, 1.3)
    return rows


def count(*phones, randomised=True):
    rows = [row for one in phones for row in one]
    at_s = np.array([row[0] for row in rows], dtype=float)
    address, look = (np.array([row[column] for row in rows], dtype=np.int64) for column in (1, 2))
    signal_dbm = np.array([row[3] for row in rows], dtype=float)
    channel = np.full(len(rows), CHANNEL_MHZ)
    flags = np.full(len(rows), randomised)
    group = linking.link(at_s, address, look, WINDOW_S, randomised=flags)
    settled = linking.settled(at_s, address, flags)
    return crowds.count(Sightings(at_s, address, look, signal_dbm, channel, group, settled))


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_phones_that_look_different_are_as_many_as_their_looks_but_for_parts_of_one(rng):
    found = count(*(phone(rng, number, look=number) for number in range(12)))

    assert 11 <= found.phones <= 12


def test_one_phone_that_takes_an_address_every_second_is_one(rng):
    others = [phone(rng, n, look=n, every_s=10 * 1.5**n) for n in range(8)]
    busy = phone(rng, 9, every_s=3, burst_s=2, look=9)

    assert count(*others, busy).phones <= 9


def test_a_crowd_of_one_model_is_measured_by_phones_that_stand_alone(rng):
    alone = [phone(rng, number, look=number, burst_s=3) for number in range(8)]
    alike = [phone(rng, number, look=99, burst_s=3) for number in range(40)]

    found = count(*alone, *alike)

    assert found.phones == pytest.approx(48, rel=0.35)
    assert found.log_spread_up > 0


def test_a_crowd_is_larger_if_each_phone_says_less(rng):
    def crowd(every_s):
        alone = [phone(rng, n, look=n, burst_s=3, every_s=every_s) for n in range(8)]
        alike = [row for n in range(40) for row in phone(rng, n, look=99, burst_s=3)]
        return count(*alone, alike).phones

    assert crowd(200) > 1.5 * crowd(60)


def test_two_phones_that_talk_at_once_are_not_one(rng):
    one = phone(rng, 0, every_s=12, burst_s=6)

    assert count(one).phones == 1
    assert count(one, phone(rng, 1, every_s=12, burst_s=6)).phones > 1


def test_phones_that_look_alike_are_told_apart_by_their_signals(rng):
    def pairs(apart_db):
        return count(
            *(
                phone(rng, number, look=number // 2, strength_dbm=-80 + apart_db * (number % 2))
                for number in range(20)
            )
        ).phones

    assert pairs(0) <= 11
    assert pairs(25) >= 18


def test_a_phone_whose_signals_agree_is_one_however_often_it_scans(rng):
    others = [phone(rng, n, look=n, strength_dbm=rng.uniform(-90, -40)) for n in range(8)]
    busy = phone(rng, 9, every_s=12, look=9, strength_dbm=-60)

    assert count(*others, busy).phones <= 9


def test_phones_that_come_and_go_are_more_than_are_there_at_a_time(rng):
    def there(comes_s, look):
        strength_dbm = rng.uniform(-90, -40)
        rows = phone(rng, 0, every_s=40, burst_s=3, look=look, strength_dbm=strength_dbm)
        return [row for row in rows if comes_s <= row[0] < comes_s + 180]

    alone = [there(60 * number, number) for number in range(16)]
    passing = [there(comes_s, 99) for comes_s in range(-160, 1200, 20)]

    assert 16 + 2 * 9 < count(*alone, *passing).phones < 16 + 2 * len(passing)


def test_settled_addresses_are_counted_one_by_one():
    office = [[(at_s, pc, 7, -60.0) for at_s in range(0, 1200, 30)] for pc in range(14)]

    assert count(*office, randomised=False) == (14, 0.0, 0.0)


def test_the_same_sightings_are_the_same_count(rng):
    crowd = [phone(rng, number, look=number % 3) for number in range(20)]

    assert count(*crowd) == count(*crowd)


def test_nothing_is_nobody():
    assert count() == (0, 0.0, 0.0)


def test_one_sighting_is_one_phone():
    assert count([(0.0, 1, 7, -60.0)]).phones == 1
