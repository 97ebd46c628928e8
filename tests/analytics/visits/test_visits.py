import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.visits import visits
from core.setting_groups.traffic import TrafficSettings

RULES = TrafficSettings(
    inside_dbm=-65, outside_dbm=-88, visit_gap_s=900, visitor_after_s=300, fixture_after_h=8
)
IN, OUT, FAR = -50, -80, -95
SECOND_US = 1_000_000


def near(rows):
    """The columns of (seconds, device, dBm)."""
    at_s, device, dbm = np.array(sorted(rows), dtype=np.int64).reshape(-1, 3).T
    return visits.Near(at_s * SECOND_US, device, dbm.astype(np.int16))


def found(rows, rules=RULES):
    """The columns of the visits, and seconds besides microseconds."""
    followed = visits.follow(visits.NOBODY, near(rows), 10**6 * SECOND_US, rules)
    assert not len(followed.so_far)
    rows = visits.judged(followed.ended, rules)
    columns = {name: rows[name] for name in rows.dtype.names}
    seconds = ("first_s", "last_s", "inside_s")
    return columns | {name: columns[f"{name[:-1]}us"] // SECOND_US for name in seconds}


def every_minute(device, first, last, dbm):
    return [(60 * minute, device, dbm) for minute in range(first, last + 1)]


@pytest.mark.parametrize(
    ("rows", "visitors"),
    [
        pytest.param([(0, 1, OUT)], [False], id="one-frame-outside"),
        pytest.param([(0, 1, IN)], [False], id="one-frame-inside"),
        pytest.param(every_minute(1, 0, 4, IN), [False], id="inside-four-minutes"),
        pytest.param(every_minute(1, 0, 5, IN), [True], id="inside-five-minutes"),
        pytest.param(every_minute(1, 0, 30, OUT), [False], id="half-an-hour-at-the-window"),
        pytest.param([(0, 1, IN), (900, 1, IN)], [True], id="silent-for-just-the-gap"),
        pytest.param([(0, 1, IN), (901, 1, IN)], [False, False], id="silent-for-longer"),
        pytest.param([(0, 1, -65), (300, 1, -65)], [True], id="on-the-threshold"),
        pytest.param([(0, 1, IN), (300, 2, IN)], [False, False], id="two-devices"),
        pytest.param([(0, 1, FAR), (300, 1, FAR)], [], id="too-far"),
        pytest.param([], [], id="nothing-heard"),
    ],
)
def test_who_is_a_visitor(rows, visitors):
    assert found(rows)["visitor"].tolist() == visitors


def test_a_visit_lasts_from_the_first_to_the_last_sighting_that_is_near():
    table = found([(0, 1, FAR), (60, 1, OUT), (120, 1, OUT), (180, 1, FAR)])

    assert (table["first_s"].tolist(), table["last_s"].tolist()) == ([60], [120])


def test_only_spans_between_two_inside_sightings_count_as_time_inside():
    rows = [
        *every_minute(1, 0, 9, OUT),
        *every_minute(1, 10, 30, IN),
        *every_minute(1, 31, 40, OUT),
    ]

    table = found(rows)

    assert table["inside_s"].tolist() == [20 * 60]
    assert table["entered"].tolist() == [True]


def test_one_loud_frame_does_not_carry_a_passer_by_inside():
    rows = [*every_minute(1, 0, 10, OUT), (330, 1, IN)]

    assert found(rows)["entered"].tolist() == [False]


def test_two_weak_frames_do_not_interrupt_a_stay():
    rows = [(at, 1, OUT if at in {600, 660} else dbm) for at, _, dbm in every_minute(1, 0, 20, IN)]

    assert found(rows)["inside_s"].tolist() == [20 * 60]


def test_smoothing_stops_at_the_border_between_two_devices():
    rows = [*every_minute(1, 0, 10, IN), *every_minute(2, 0, 10, OUT)]

    assert found(rows)["inside_s"].tolist() == [600, 0]


def test_visitor_after_no_time_at_all_still_means_inside():
    rules = RULES.model_copy(update={"visitor_after_s": 0})

    table = found([(0, 1, IN), (0, 2, OUT)], rules)

    assert table["visitor"].tolist() == [True, False]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(-87, -40)), max_size=60))
def test_smoothing_is_the_median_of_five_neighbours_of_one_visit(sightings):
    rules = RULES.model_copy(update={"visit_gap_s": 7200})
    rows = [(60 * n, who, dbm) for n, (who, dbm) in enumerate(sightings)]

    table = found(rows, rules)
    entered = table["entered"][np.argsort(table["device"])].tolist()

    assert entered == [
        any(median >= RULES.inside_dbm for median in medians)
        for who in (1, 2, 3)
        if (medians := plain_medians([dbm for each, dbm in sightings if each == who]))
    ]


def plain_medians(signals):
    padded = [*signals[:1] * 2, *signals, *signals[-1:] * 2]
    return [statistics.median(padded[n : n + 5]) for n in range(len(signals))]


@given(
    st.lists(
        st.tuples(st.integers(0, 7200), st.integers(1, 3), st.integers(-95, -40)), max_size=60
    ),
    st.lists(st.integers(0, 9000), max_size=8),
)
def test_it_makes_no_difference_where_a_day_is_cut(rows, cuts):
    rows = sorted({(at, device): (at, device, dbm) for at, device, dbm in rows}.values())
    ended, under_way, spans_us, since = [], visits.NOBODY, 0, 0
    for until in [*sorted(cuts), 10**6]:
        part = near([row for row in rows if since <= row[0] < until])
        followed = visits.follow(under_way, part, until * SECOND_US, RULES)
        ended, under_way, since = [*ended, followed.ended], followed.under_way, until
        spans_us += followed.spans[1].sum()

    cut = visits.judged(np.concatenate(ended), RULES)

    at_once = visits.follow(visits.NOBODY, near(rows), 10**6 * SECOND_US, RULES)
    assert np.array_equal(cut, visits.judged(at_once.ended, RULES))
    assert spans_us == cut["inside_us"].sum()


def test_what_is_under_way_is_told_as_if_nothing_more_came():
    rows = every_minute(1, 0, 10, IN)

    so_far = visits.follow(visits.NOBODY, near(rows), 660 * SECOND_US, RULES).so_far

    assert visits.judged(so_far, RULES)["inside_us"].tolist() == [600 * SECOND_US]
