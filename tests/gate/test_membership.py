import sys

import pytest

from gate import membership
from gate.nf_tables import Add, Delete, Limit, Quota
from gate.shape import Limits

ALICE = "02:00:00:00:00:0a"
ADDRESS = bytes.fromhex("02000000000a")
MARK, PASS_MARK = membership.marks_of(ADDRESS)


def end(changes):
    """What is in the sets after them, whatever was there before."""
    there = {}
    for change in changes:
        match change:
            case Add(set_name, key):
                there[set_name, key] = change
            case Delete(set_name, key):
                del there[set_name, key]
    return there


def test_an_admission_puts_a_phone_into_the_sets_that_let_it_pass():
    assert end(membership.admit(ALICE, 60, Limits())) == {
        ("online", ADDRESS): Add("online", ADDRESS, 60_000),
        ("marks", ADDRESS): Add("marks", ADDRESS, 60_000, data=MARK),
        ("answered", MARK): Add("answered", MARK, 60_000),
    }


def test_a_pass_has_a_mark_of_its_own():
    there = end(membership.give_pass(ALICE, 60, Limits()))

    assert there.keys() == {("passing", ADDRESS), ("marks", ADDRESS), ("answered", PASS_MARK)}


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(down_kbit_s=8), ("download_limits", Limit(1000, 131_072))),
        (Limits(up_kbit_s=16), ("upload_limits", Limit(2000, 131_072))),
        (Limits(bytes=500), ("quotas", Quota(500))),
    ],
    ids=["down", "up", "bytes"],
)
def test_a_limit_is_an_element_of_its_set(limits, expected):
    limited = ("upload_limits", "download_limits", "quotas")
    for make, mark in ((membership.admit, MARK), (membership.give_pass, PASS_MARK)):
        made = [each for each in end(make(ALICE, 60, limits)).values() if each.set_name in limited]

        [element] = made
        assert (element.set_name, element.expression) == expected
        assert (element.key, element.timeout_ms) == (mark, 60_000)


@pytest.mark.parametrize("make", [membership.admit, membership.give_pass])
def test_whatever_a_phone_had_is_replaced(make):
    everything = {
        *end(membership.admit(ALICE, 60, Limits(1, 1, 1))),
        *end(membership.give_pass(ALICE, 60, Limits(1, 1, 1))),
    }
    deleted = {
        (each.set_name, each.key) for each in make(ALICE, 9, Limits()) if type(each) is Delete
    }

    assert deleted == everything


def test_a_revocation_leaves_nothing_behind():
    assert end(membership.revoke(ALICE)) == {}


def test_a_mark_is_a_phones_own_and_never_none():
    addresses = [number.to_bytes(6) for number in range(5000)]
    pairs = [membership.marks_of(address) for address in addresses]
    marks = [int.from_bytes(mark, sys.byteorder) for mark, _ in pairs]
    pass_marks = [int.from_bytes(mark, sys.byteorder) for _, mark in pairs]

    assert len({*marks, *pass_marks}) == 2 * len(addresses)
    assert all(0 < mark < 2**31 for mark in marks)
    # The bit that ruleset.nft sets.
    assert pass_marks == [mark | 0x80000000 for mark in marks]
    assert membership.marks_of(addresses[0]) == pairs[0]
