import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, seeds


@pytest.mark.parametrize("target", TARGETS)
@given(st.data())
def test_holds_for_seeds_that_are_spoilt(target, data):
    octets = bytearray(data.draw(st.sampled_from(list(seeds(target)))))
    places = st.integers(0, len(octets) - 1)
    for at, octet in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=8)):
        octets[at] = octet

    TARGETS[target](bytes(octets[: data.draw(places) or None]))


@pytest.mark.parametrize("target", TARGETS)
def test_seeds_are_read_to_their_end(target):
    for seed in seeds(target):
        TARGETS[target](seed)
