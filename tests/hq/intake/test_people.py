import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.identity import IdentityKind
from hq.intake.people import Key, Unit, told_apart

KINDS = {"+": IdentityKind.PHONE, "u": IdentityKind.UNIONID, "e": IdentityKind.EMAIL}
DAY = dt.datetime(2026, 5, 16, tzinfo=dt.UTC)


def at(hour):
    return DAY + dt.timedelta(hours=hour)


def key(text, first, bound=None, gone=None):
    name = (KINDS[text[0]], text.encode())
    return Key(name, at(first), bound and at(bound), gone and at(gone))


def unit(name, hour, *keys, erased=None):
    return Unit(name, at(hour), keys, erased and at(erased))


def people(*units):
    return {" ".join(sorted(person.units)) for person in told_apart(units)}


def keys_of(name, *units):
    [person] = [each for each in told_apart(units) if name in each.units]
    return {lookup.decode() for _, lookup in person.keys}


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        pytest.param(
            [unit("a", 1, key("+1", 1)), unit("b", 2, key("+1", 2))], {"a b"}, id="number"
        ),
        pytest.param(
            [unit("a", 1, key("+1", 1)), unit("b", 2, key("+2", 2))], {"a", "b"}, id="two"
        ),
        pytest.param([unit("a", 1), unit("b", 2)], {"a", "b"}, id="nothing known"),
        pytest.param(
            [unit("a", 1, key("u1", 1)), unit("b", 2, key("u1", 2), key("+1", 2, 2))],
            {"a b"},
            id="WeChat",
        ),
        pytest.param(
            [
                unit("a", 1, key("u1", 1), key("+1", 1, 1)),
                unit("b", 2, key("u2", 2), key("+1", 2, 2)),
            ],
            {"a", "b"},
            id="a stranger has the number",
        ),
        pytest.param(
            [
                unit("a", 1, key("u1", 1), key("+1", 1, 1)),
                unit("b", 2, key("+1", 2)),
                unit("c", 3, key("u2", 3), key("+1", 3, 3)),
                unit("d", 4, key("+1", 4)),
            ],
            {"a b", "c d"},
            id="before and after it changed hands",
        ),
        pytest.param(
            [
                unit("a", 1, key("u1", 1), key("+1", 1, 1)),
                unit("b", 2, key("+1", 2, 4), key("u9", 4)),
            ],
            {"a", "b"},
            id="a WeChat account of its own",
        ),
        pytest.param(
            [unit("a", 1, key("+1", 1, gone=3)), unit("b", 4, key("+1", 4))],
            {"a", "b"},
            id="a number given up",
        ),
        pytest.param(
            [
                unit("a", 1, key("+1", 1, gone=3)),
                unit("b", 2, key("+1", 2)),
                unit("c", 4, key("+1", 4)),
            ],
            {"a b c"},
            id="given up in one store only",
        ),
        pytest.param(
            [unit("a", 1, key("+1", 1), erased=3), unit("b", 4, key("+1", 4))],
            {"a", "b"},
            id="back after an erasure",
        ),
        pytest.param(
            [
                unit("a", 1, key("+1", 1), erased=3),
                unit("b", 2, key("+1", 2), key("u1", 4)),
                unit("c", 5, key("u1", 5)),
            ],
            {"a b", "c"},
            id="what the erased prove later leads to nobody",
        ),
        pytest.param(
            [
                unit("a", 1, key("u1", 1)),
                unit("b", 2, key("u2", 2)),
                unit("c", 3, key("u1", 3), key("+1", 3, 3)),
                unit("d", 4, key("+1", 4), key("e2", 5)),
                unit("e", 4, key("u2", 2), key("e2", 4, 4)),
            ],
            {"a c d", "b e"},
            id="an address does not join two accounts",
        ),
    ],
)
def test_who_is_one_person(units, expected):
    assert people(*units) == expected
    assert people(*reversed(units)) == expected


def test_a_number_is_theirs_who_proved_it_last_with_wechat():
    first = unit("a", 1, key("u1", 1), key("+1", 1, 5))
    second = unit("b", 3, key("u2", 3), key("+1", 3, 3))

    assert keys_of("a", first, second) == {"u1", "+1"}
    assert keys_of("b", first, second) == {"u2"}


def test_the_erased_have_no_keys():
    assert keys_of("a", unit("a", 1, key("+1", 1), erased=2)) == set()


HOURS = st.integers(1, 9)
KEYS = st.lists(
    st.builds(
        lambda text, first, bound, gone: key(
            text, first, first + bound if bound is not None else None, gone and first + gone
        ),
        st.sampled_from(["+1", "+2", "u1", "u2", "e1"]),
        HOURS,
        st.none() | st.integers(0, 3),
        st.none() | st.integers(1, 3),
    ),
    max_size=3,
    unique_by=lambda each: each.name,
)
UNITS = st.lists(st.tuples(HOURS, KEYS, st.none() | HOURS), min_size=1, max_size=6).map(
    lambda rows: [
        unit(f"s/{n}", hour, *keys, erased=end) for n, (hour, keys, end) in enumerate(rows)
    ]
)


@given(UNITS, st.randoms(use_true_random=False))
def test_any_order_of_stores_gives_the_same_people(units, order):
    mixed = units.copy()
    order.shuffle(mixed)

    assert set(told_apart(units)) == set(told_apart(mixed))


@given(UNITS)
def test_everybody_is_of_one_person_and_each_key_too(units):
    found = told_apart(units)

    assert sorted(each for person in found for each in person.units) == [each.id for each in units]
    keys = [each for person in found for each in person.keys]
    assert len(keys) == len(set(keys))
    assert {each for person in found if person.erased_at for each in person.keys} == set()
