import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.access import metering
from portal.access.metering import Traffic


@pytest.mark.parametrize(
    ("before", "now", "came"),
    [
        pytest.param(None, (5, 7), (5, 7), id="first reading"),
        pytest.param((5, 7), (5, 7), (0, 0), id="silent"),
        pytest.param((5, 7), (6, 17), (1, 10), id="both ways"),
        pytest.param((5, 7), (5, 8), (0, 1), id="one way"),
        pytest.param((5, 7), (2, 3), (2, 3), id="restarted"),
        pytest.param((5, 7), (9, 3), (4, 3), id="one way restarted"),
        pytest.param((5, 7), (0, 0), (0, 0), id="restarted and silent since"),
    ],
)
def test_what_came_is_told_from_two_readings(before, now, came):
    assert metering.growth(before and Traffic(*before), Traffic(*now)) == Traffic(*came)


def test_each_phone_is_taken_by_itself_and_silent_ones_are_left_out():
    before = {"a": Traffic(1, 1), "b": Traffic(5, 5), "gone": Traffic(9, 9)}
    now = {"a": Traffic(1, 1), "b": Traffic(6, 5), "new": Traffic(2, 0)}

    assert metering.growths(before, now) == {"b": Traffic(1, 0), "new": Traffic(2, 0)}


_COUNT = st.integers(0, 1 << 40)
_TRAFFIC = st.builds(Traffic, _COUNT, _COUNT)
# What happens to one phone: packets pass, the counters are read, or they restart.
_RESTARTS = {"restart": (0, 0), "restart up": (0, 1), "restart down": (1, 0)}
_EVENTS = st.lists(st.one_of(_TRAFFIC, st.sampled_from(["read", *_RESTARTS])))


def _sum(traffic):
    listed = list(traffic)
    return Traffic(sum(each.up for each in listed), sum(each.down for each in listed))


def _play(events, *, is_seen):
    """What passed, and what was found; the counters are read once more at the end.

    With `is_seen`, they are read before and after each restart too.
    """
    passed, found, counter, before = [], [], Traffic(0, 0), {}

    def read():
        nonlocal before
        # Who has no packets has no counters.
        reading = {"phone": counter} if counter.total else {}
        found.extend(metering.growths(before, reading).values())
        before = reading

    for event in [*events, "read"]:
        if isinstance(event, Traffic):
            passed.append(event)
            counter = _sum([counter, event])
            continue
        if event == "read" or is_seen:
            read()
        if event in _RESTARTS:
            keep_up, keep_down = _RESTARTS[event]
            counter = Traffic(counter.up * keep_up, counter.down * keep_down)
            if is_seen:
                read()
    return _sum(passed), _sum(found)


@given(_EVENTS)
def test_all_that_passed_is_found_once_however_often_it_is_read(events):
    passed, found = _play(events, is_seen=True)

    assert found == passed


@given(_EVENTS)
def test_never_more_is_found_than_passed_whatever_restarts_unseen(events):
    passed, found = _play(events, is_seen=False)

    assert found.up <= passed.up
    assert found.down <= passed.down
