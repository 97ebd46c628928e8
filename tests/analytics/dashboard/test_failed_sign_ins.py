import datetime as dt

from analytics.dashboard.failed_sign_ins import ALLOWED, WINDOW, FailedSignIns


def failed(times, now, name="alice"):
    count = FailedSignIns()
    for _ in range(times):
        count.add(name, now)
    return count


def test_locks_a_name_after_the_allowed_failures(now):
    assert not failed(ALLOWED - 1, now).is_locked("alice", now)
    assert failed(ALLOWED, now).is_locked("alice", now)
    assert not failed(ALLOWED, now).is_locked("bob", now)


def test_forgets_failures_after_the_window(now):
    count = failed(ALLOWED, now)

    assert count.is_locked("alice", now + WINDOW - dt.timedelta(seconds=1))
    assert not count.is_locked("alice", now + WINDOW)


def test_a_success_wipes_the_slate(now):
    count = failed(ALLOWED - 1, now)
    count.clear("alice")
    count.add("alice", now)

    assert not count.is_locked("alice", now)


def test_names_made_up_by_the_thousand_do_not_fill_the_memory(now):
    count = failed(ALLOWED, now)
    for number in range(3000):
        count.add(f"name-{number}", now)

    assert len(count._failed_at) == 1000
