import datetime as dt
import gc
import sys

import pytest

from core.pseudonym import DayKeys

MONDAY = dt.date(2026, 5, 18)
TUESDAY = MONDAY + dt.timedelta(days=1)
WEDNESDAY = MONDAY + dt.timedelta(days=2)


def test_is_the_same_all_day_and_another_the_next():
    keys = DayKeys(40)

    assert keys.pseudonym(MONDAY, b"address", b"x") == keys.pseudonym(MONDAY, b"address", b"x")
    assert keys.pseudonym(MONDAY, b"address", b"x") != keys.pseudonym(TUESDAY, b"address", b"x")


def test_differs_between_kinds_and_between_sensors_that_share_no_key():
    keys = DayKeys(40)

    assert keys.pseudonym(MONDAY, b"address", b"x") != keys.pseudonym(MONDAY, b"fingerprint", b"x")
    assert keys.pseudonym(MONDAY, b"address", b"x") != DayKeys(40).pseudonym(
        MONDAY, b"address", b"x"
    )


@pytest.mark.parametrize("bits", [16, 24, 40])
def test_is_no_longer_than_asked(bits):
    keys = DayKeys(bits)
    values = [keys.pseudonym(MONDAY, b"address", bytes([n])) for n in range(256)]

    assert max(values) < 2**bits
    assert max(values) > 2 ** (bits - 3)


def test_a_key_once_dropped_never_comes_back():
    keys = DayKeys(24)
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        keys.pseudonym(day, b"address", b"x")

    with pytest.raises(KeyError):
        keys.pseudonym(MONDAY, b"address", b"x")
    keys.pseudonym(TUESDAY, b"address", b"x")


def test_keys_that_are_forgotten_never_come_back():
    keys = DayKeys(24)
    before = keys.pseudonym(MONDAY, b"address", b"x")
    keys.pseudonym(TUESDAY, b"address", b"x")

    keys.forget_before(TUESDAY)
    keys.forget_before(MONDAY)

    with pytest.raises(KeyError):
        keys.pseudonym(MONDAY, b"address", b"x")
    assert keys.pseudonym(TUESDAY, b"address", b"x") != before


def test_forgetting_leaves_no_key_in_memory():
    keys = DayKeys(24)
    keys.pseudonym(MONDAY, b"address", b"x")
    [key] = [each for each in gc.get_referents(keys._keys) if isinstance(each, bytes)]

    keys.forget_before(TUESDAY)

    # This name, and the argument of the call.
    assert sys.getrefcount(key) == 2


def test_shows_no_key_when_printed():
    keys = DayKeys(24)
    keys.pseudonym(MONDAY, b"address", b"x")

    assert repr(keys) == "DayKeys(hidden)"
