import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sealing import FieldKeys, KeyMissingError, SealBrokenError, Sealer

VALUE = b"+8613800138000"
ONE, TWO, LOOKUP = b"1" * 32, b"2" * 32, b"l" * 32


class Rotated:
    """Keys that another takes the place of while they are in use, as in a file."""

    def __init__(self, keys):
        self.keys = keys

    def current(self):
        return FieldKeys(self.keys, LOOKUP)


def test_opens_what_it_sealed(sealer):
    assert sealer.open("identities.value", sealer.seal("identities.value", VALUE)) == VALUE


def test_sealing_twice_gives_nothing_to_compare(sealer):
    assert sealer.seal("a", VALUE) != sealer.seal("a", VALUE)
    assert VALUE not in sealer.seal("a", VALUE)


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(1, 255))
def test_no_altered_value_opens(value, position, difference):
    sealer = Sealer(FieldKeys({1: ONE, 2: TWO}, LOOKUP))
    altered = bytearray(sealer.seal("a", value))
    altered[position % len(altered)] ^= difference

    with pytest.raises(SealBrokenError):
        sealer.open("a", bytes(altered))


@given(st.binary(max_size=50), st.integers(0, 100))
def test_no_truncated_value_opens(value, length):
    sealer = Sealer(ONE)
    sealed = sealer.seal("a", value)

    with pytest.raises(SealBrokenError):
        sealer.open("a", sealed[: length % len(sealed)])


@given(st.binary(max_size=80))
def test_whatever_was_never_sealed_does_not_open(anything):
    with pytest.raises(SealBrokenError):
        Sealer(FieldKeys(dict.fromkeys(range(256), ONE), LOOKUP)).open("a", anything)


@given(st.text(max_size=20), st.text(max_size=20), st.binary(max_size=50))
def test_opens_in_its_own_place_alone(place, other, value):
    sealer = Sealer(ONE)
    sealed = sealer.seal(place, value)

    if place == other:
        assert sealer.open(other, sealed) == value
        return
    with pytest.raises(SealBrokenError):
        sealer.open(other, sealed)


def test_another_key_of_the_same_number_does_not_open():
    with pytest.raises(SealBrokenError):
        Sealer(TWO).open("a", Sealer(ONE).seal("a", VALUE))


def test_the_newest_key_seals_and_earlier_ones_open():
    old = Sealer(FieldKeys({1: ONE}, LOOKUP)).seal("a", VALUE)
    both = Sealer(FieldKeys({1: ONE, 2: TWO}, LOOKUP))

    assert (old[0], both.seal("a", VALUE)[0]) == (1, 2)
    assert both.open("a", old) == VALUE


def test_a_missing_key_is_named_and_what_to_restore():
    sealed = Sealer(FieldKeys({3: ONE}, LOOKUP)).seal("devices.sealed_mac", VALUE)

    with pytest.raises(KeyMissingError, match=r"devices.sealed_mac.*key 3.*restore"):
        Sealer(TWO).open("devices.sealed_mac", sealed)


def test_a_sealer_in_use_seals_with_a_new_key_at_once_and_opens_with_it():
    source = Rotated({1: ONE})
    writer, reader = Sealer(source), Sealer(source)
    source.keys = {1: ONE, 2: TWO}
    sealed = writer.seal("a", VALUE)

    assert sealed[0] == 2
    assert reader.open("a", sealed) == VALUE


def test_finds_the_same_value_by_its_blind_index(sealer):
    assert sealer.lookup("phone", VALUE) == sealer.lookup("phone", VALUE)
    assert sealer.lookup("phone", VALUE) != sealer.lookup("mac", VALUE)
    assert sealer.lookup("phone", VALUE) != Sealer(b"k" * 32).lookup("phone", VALUE)


def test_a_rotation_leaves_blind_indexes_as_they_are():
    before, after = FieldKeys({1: ONE}, LOOKUP), FieldKeys({2: TWO}, LOOKUP)

    assert Sealer(before).lookup("phone", VALUE) == Sealer(after).lookup("phone", VALUE)


def test_shows_no_key_when_printed():
    keys = FieldKeys({1: ONE}, LOOKUP)

    assert f"{keys} {Sealer(keys)}" == "FieldKeys(hidden) Sealer(hidden)"
