import pytest

from core.sealing import SealBrokenError, Sealer

VALUE = b"+8613800138000"


def test_opens_what_it_sealed(sealer):
    assert sealer.open("identities.value", sealer.seal("identities.value", VALUE)) == VALUE


def test_sealing_twice_gives_nothing_to_compare(sealer):
    assert sealer.seal("a", VALUE) != sealer.seal("a", VALUE)
    assert VALUE not in sealer.seal("a", VALUE)


def test_does_not_open_elsewhere_altered_or_with_another_key(sealer):
    sealed = sealer.seal("a", VALUE)

    for place, body, key in [
        ("b", sealed, sealer),
        ("a", sealed[:-1] + bytes([sealed[-1] ^ 1]), sealer),
        ("a", sealed[:5], sealer),
        ("a", sealed, Sealer(b"k" * 32)),
    ]:
        with pytest.raises(SealBrokenError):
            key.open(place, body)


def test_finds_the_same_value_by_its_blind_index(sealer):
    assert sealer.lookup("phone", VALUE) == sealer.lookup("phone", VALUE)
    assert sealer.lookup("phone", VALUE) != sealer.lookup("mac", VALUE)
    assert sealer.lookup("phone", VALUE) != Sealer(b"k" * 32).lookup("phone", VALUE)
