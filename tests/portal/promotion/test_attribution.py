import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.promotion import attribution
from portal.promotion.attribution import Windows

DAY = dt.datetime(2026, 3, 7, tzinfo=dt.UTC)
FORTNIGHT = Windows(dt.timedelta(days=15), dt.timedelta(days=15))


def at(day):
    return DAY + dt.timedelta(days=day)


def came(*scans, windows=FORTNIGHT):
    """Scans are (day, source), in the order in which they are heard of."""
    current = None
    for day, source in scans:
        current = attribution.after(current, source, at(day), windows)
    return current


days = st.integers(0, 60)
scans = st.lists(st.tuples(days, st.integers(1, 3)), min_size=1, max_size=12)
windows = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(
    lambda both: Windows(dt.timedelta(days=both[0]), dt.timedelta(days=1 + sum(both)))
)


@pytest.mark.parametrize(
    ("scans", "day", "source"),
    [
        pytest.param([(0, 1)], 14, 1, id="the first has them"),
        pytest.param([(0, 1)], 15, None, id="for as long as it is valid"),
        pytest.param([(0, 1), (3, 2)], 4, 1, id="whoever comes after"),
        pytest.param([(0, 1), (10, 1)], 24, 1, id="to come again extends it"),
        pytest.param([(0, 1), (15, 2)], 16, 2, id="once it is over, the next has them"),
    ],
)
def test_examples(scans, day, source):
    assert attribution.of(came(*scans), at(day)) == source


def test_after_the_protection_the_last_one_has_them():
    windows = Windows(dt.timedelta(days=5), dt.timedelta(days=30))

    assert came((0, 1), (4, 2), windows=windows).source_id == 1
    assert came((0, 1), (5, 2), windows=windows).source_id == 2
    assert came((0, 1), (4, 1), (8, 2), windows=windows).source_id == 1


def test_who_comes_again_has_come_since_the_first_time():
    assert came((0, 1), (10, 1)).since == at(0)


@given(scans, windows)
def test_without_a_protection_the_newest_scan_counts_in_any_order(scans, some):
    unprotected = Windows(dt.timedelta(0), some.validity)
    newest = max(day for day, _ in scans)
    among = {source for day, source in scans if day == newest}

    assert came(*scans, windows=unprotected).source_id in among
    assert came(*scans, windows=unprotected).entered_at == at(newest)


@given(scans, windows)
def test_nobody_is_taken_over_while_protected(scans, windows):
    current = None
    for day, source in scans:
        changed = attribution.after(current, source, at(day), windows)
        if current and at(day) < current.protected_until:
            assert changed.source_id == current.source_id
        assert changed.since <= changed.entered_at <= changed.protected_until <= changed.until
        current = changed


@given(scans, windows)
def test_the_end_never_comes_nearer(scans, windows):
    ends = [came(*scans[:count], windows=windows).until for count in range(1, len(scans) + 1)]

    assert ends == sorted(ends)


@given(scans, windows)
def test_the_same_scan_twice_is_one(scans, windows):
    twice = [each for scan in scans for each in (scan, scan)]

    assert came(*twice, windows=windows) == came(*scans, windows=windows)
