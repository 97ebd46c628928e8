from hypothesis import given
from hypothesis import strategies as st

from portal.advertising.advertising_times import AdvertisingTimes


def latest(_, most):
    return most


def soonest(least, _):
    return least


def test_is_silent_until_there_is_something_to_say():
    times = AdvertisingTimes(latest)
    times.solicited(5)

    assert times.due_at is None


def test_says_what_is_new_three_times_and_then_seldom():
    times = AdvertisingTimes(latest)
    times.begin(100)
    sent = []
    for _ in range(5):
        sent.append(times.due_at)
        times.sent(times.due_at)

    assert sent == [100, 116, 132, 732, 1332]


def test_answers_who_asks_after_a_moment():
    times = AdvertisingTimes(latest)
    times.begin(0)
    for _ in range(3):
        times.sent(times.due_at)
    times.solicited(50)

    assert times.due_at == 50.5


def test_ends_at_once():
    times = AdvertisingTimes(latest)
    times.begin(0)
    times.end()
    times.solicited(1)

    assert times.due_at is None


@given(
    st.lists(st.tuples(st.sampled_from(["begin", "solicited"]), st.floats(0, 100)), max_size=50),
    st.sampled_from([latest, soonest]),
)
def test_never_sends_twice_within_three_seconds_nor_forgets_who_asked(events, chance):
    times = AdvertisingTimes(chance)
    times.begin(0)
    now, sent = 0.0, [-10.0]
    for event, later in events:
        until = now + later
        while times.due_at <= until:
            assert times.due_at - sent[-1] > 2.999
            sent.append(times.due_at)
            times.sent(times.due_at)
        now = until
        getattr(times, event)(now)
        assert times.due_at < max(now + 0.501, sent[-1] + 3.001)
