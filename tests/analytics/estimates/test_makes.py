import numpy as np
import pytest

from analytics.estimates import makes


def tell_apart(rows):
    """Rows: second, address, fingerprint, randomised."""
    at_s, address, fingerprint, randomised = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    found = makes.tell_apart(at_s.astype(float), address, fingerprint, randomised.astype(bool))
    return found.of_each.tolist(), found.is_shared.tolist()


def test_takes_phones_that_look_alike_for_one_make():
    of_each, is_shared = tell_apart([(0, 1, 70, 1), (9, 2, 70, 1), (9, 3, 80, 1)])

    assert of_each[0] == of_each[1] != of_each[2]
    assert all(is_shared)


@pytest.mark.parametrize(
    ("addresses", "one_make"),
    [pytest.param([1, 2], True, id="twice"), pytest.param([1], False, id="once, by chance")],
)
def test_joins_looks_that_share_addresses(addresses, one_make):
    rows = [(0, address, look, 1) for address in addresses for look in (70, 71)]

    of_each, _ = tell_apart([*rows, (5, 8, 70, 1), (6, 9, 71, 1)])

    assert (of_each[-1] == of_each[-2]) is one_make


def test_a_lasting_address_from_the_factory_is_a_make_of_its_own():
    of_each, is_shared = tell_apart([(0, 1, 70, 0), (90, 1, 70, 0), (50, 2, 70, 1)])

    assert of_each[0] == of_each[1] != of_each[2]
    assert (is_shared[of_each[0]], is_shared[of_each[2]]) == (False, True)


def test_an_address_that_pretends_for_a_moment_to_be_from_the_factory_is_not():
    of_each, _ = tell_apart([(0, 1, 70, 0), (9, 1, 70, 0), (50, 2, 70, 1)])

    assert len(set(of_each)) == 1
