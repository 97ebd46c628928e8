import re

from portal.ways import codes

KEY = bytes(32)


def test_a_code_is_six_digits_even_when_it_begins_with_zeros():
    assert all(re.fullmatch("[0-9]{6}", codes.make()) for _ in range(2000))


def test_codes_differ():
    assert len({codes.make() for _ in range(100)}) > 90


def test_what_is_stored_fits_its_own_code_only():
    stored = codes.digest(KEY, 7, "012345")

    assert codes.fits(KEY, 7, "012345", stored)
    assert not codes.fits(KEY, 7, "012346", stored)


def test_a_code_is_of_no_use_to_another_login_or_under_another_key():
    stored = codes.digest(KEY, 7, "012345")

    assert not codes.fits(KEY, 8, "012345", stored)
    assert not codes.fits(bytes([1]) * 32, 7, "012345", stored)
