import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.identity import IdentityKind
from core.one_member import LASTING, Owned, Ruling, rule

PHONE, UNIONID, OPENID = IdentityKind.PHONE, IdentityKind.UNIONID, IdentityKind.OPENID
DAY = dt.datetime(2026, 3, 7, tzinfo=dt.UTC)


def at(hour):
    return DAY + dt.timedelta(hours=hour)


class Members:
    """The rules at work on nothing but dictionaries."""

    def __init__(self):
        self.members = {}
        self.keys = {}
        self.numbers = itertools.count(1)

    def arrive(self, hour, keys):
        known = [self._owned(kind, value) for kind, value in keys if (kind, value) in self.keys]
        ruling = rule(frozenset(kind for kind, _ in keys), known, at(hour))
        member = ruling.member
        if member is None:
            member = next(self.numbers)
            self.members[member] = at(hour)
        for key, (owner, bound_at) in self.keys.items():
            if owner in ruling.absorbed:
                self.keys[key] = (member, bound_at)
        for each in ruling.absorbed:
            del self.members[each]
        binds = any(kind in LASTING for kind, _ in keys)
        for kind, value in keys:
            if kind in ruling.ceded:
                continue
            _, bound_at = self.keys.get((kind, value), (None, None))
            if binds and (bound_at is None or bound_at < at(hour)):
                bound_at = at(hour)
            self.keys[kind, value] = (member, bound_at)
        return ruling

    def _owned(self, kind, value):
        member, bound_at = self.keys[kind, value]
        is_lasting = any(
            owner == member and other in LASTING for (other, _), (owner, _) in self.keys.items()
        )
        return Owned(kind, member, self.members[member], is_lasting, bound_at)

    def partition(self):
        sets = {}
        for key, (member, _) in self.keys.items():
            sets.setdefault(member, set()).add(key)
        return {frozenset(each) for each in sets.values()}


# Few of each, so that they meet. An openid has one unionid, as WeChat gives them out.
WECHAT = st.sampled_from(
    [
        [],
        [(UNIONID, "u1")],
        [(UNIONID, "u2")],
        [(OPENID, "a:1")],
        [(OPENID, "a:2")],
        [(OPENID, "a:1"), (UNIONID, "u1")],
        [(OPENID, "b:1"), (UNIONID, "u1")],
        [(OPENID, "a:2"), (UNIONID, "u2")],
    ]
)
NUMBER = st.sampled_from([[], [(PHONE, "+1")], [(PHONE, "+2")]])
PROOFS = st.lists(
    st.tuples(NUMBER, WECHAT).map(lambda pair: pair[0] + pair[1]).filter(bool), max_size=9
)


@settings(max_examples=400)
@given(PROOFS, st.randoms(use_true_random=False))
def test_any_order_of_arrivals_gives_the_same_members(proofs, order):
    dated = list(enumerate(proofs))
    mixed = dated.copy()
    order.shuffle(mixed)

    first, second = Members(), Members()
    for hour, keys in dated:
        first.arrive(hour, keys)
    for hour, keys in mixed:
        second.arrive(hour, keys)

    assert first.partition() == second.partition()


@given(PROOFS)
def test_a_proof_that_arrives_twice_changes_nothing(proofs):
    once, twice = Members(), Members()
    for hour, keys in enumerate(proofs):
        once.arrive(hour, keys)
        twice.arrive(hour, keys)
        twice.arrive(hour, keys)

    assert once.partition() == twice.partition()


@given(PROOFS)
def test_no_member_is_left_without_a_key_and_no_key_has_two(proofs):
    members = Members()
    for hour, keys in enumerate(proofs):
        members.arrive(hour, keys)

    assert set(members.members) == {owner for owner, _ in members.keys.values()}


@given(PROOFS)
def test_two_wechat_accounts_are_never_one_member(proofs):
    """Whatever numbers they shared: a network gives a number to a stranger."""
    members = Members()
    for hour, keys in enumerate(proofs):
        members.arrive(hour, keys)

    owners = {value: owner for (kind, value), (owner, _) in members.keys.items() if kind is UNIONID}
    assert len(set(owners.values())) == len(owners)


def arrivals(*proofs):
    members = Members()
    for hour, proof in enumerate(proofs):
        kinds = {"+": PHONE, "u": UNIONID}
        members.arrive(hour, [(kinds.get(word[0], OPENID), word) for word in proof.split()])
    return {" ".join(sorted(value for _, value in each)) for each in members.partition()}


@pytest.mark.parametrize(
    ("proofs", "members"),
    [
        pytest.param(["+1", "+1"], {"+1"}, id="the same number"),
        pytest.param(["+1", "+2"], {"+1", "+2"}, id="two numbers"),
        pytest.param(["+1", "u1 +1"], {"+1 u1"}, id="a number gets its WeChat"),
        pytest.param(["u1", "+1", "u1 +1"], {"+1 u1"}, id="two turn out to be one"),
        pytest.param(["u1 +1", "u1 +2"], {"+1 +2 u1"}, id="a second number"),
        pytest.param(["u1 +1", "u2 +1"], {"u1", "+1 u2"}, id="a number of a stranger"),
        pytest.param(["u1 +1", "u2 +1", "+1"], {"u1", "+1 u2"}, id="and then without WeChat"),
        pytest.param(["a:1 +1", "a:1 u1", "u1 +2"], {"+1 +2 a:1 u1"}, id="openid, then unionid"),
    ],
)
def test_examples(proofs, members):
    assert arrivals(*proofs) == members


def test_who_enrolled_first_stays():
    young = Owned(UNIONID, 1, at(5), is_lasting=True, bound_at=None)
    old = Owned(PHONE, 2, at(3), is_lasting=False, bound_at=None)

    assert rule(frozenset({UNIONID, PHONE}), [young, old], at(6)) == Ruling(2, (1,))


def test_late_news_takes_no_number_away():
    mine = Owned(UNIONID, 1, at(1), is_lasting=True, bound_at=at(1))
    theirs = Owned(PHONE, 2, at(2), is_lasting=True, bound_at=at(4))

    ruling = rule(frozenset({UNIONID, PHONE}), [mine, theirs], at(3))

    assert ruling == Ruling(1, ceded=frozenset({PHONE}))
