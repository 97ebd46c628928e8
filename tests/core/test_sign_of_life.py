import datetime as dt

import pytest

from core import sign_of_life
from core.sign_of_life import STALE_AFTER, SignOfLife


class Moment:
    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def run_dir(tmp_path):
    (tmp_path / "alive").mkdir()
    return tmp_path


def test_who_gives_a_sign_lives_until_it_is_old(run_dir, now):
    SignOfLife(run_dir, "jobs", now=lambda: now).give()
    sign = sign_of_life.read(run_dir, "jobs")

    assert sign.trouble == ""
    assert not sign.is_stale(now + STALE_AFTER)
    assert sign.is_stale(now + STALE_AFTER + dt.timedelta(seconds=1))


def test_a_sign_from_the_future_says_nothing(run_dir, now):
    SignOfLife(run_dir, "jobs", now=lambda: now + dt.timedelta(days=1)).give()

    assert sign_of_life.read(run_dir, "jobs").is_stale(now)


def test_it_is_written_now_and_then_and_at_once_if_something_is_amiss(run_dir, now):
    moment, times = Moment(), iter(now + dt.timedelta(seconds=n) for n in range(9))
    life = SignOfLife(run_dir, "jobs", now=lambda: next(times), monotonic=moment)
    told = []
    for seconds, trouble in [(0, ""), (4, ""), (4, "a job hangs"), (5, "a job hangs"), (10, "")]:
        moment.seconds = seconds
        life.give(trouble)
        sign = sign_of_life.read(run_dir, "jobs")
        told.append(((sign.told_at - now).seconds, sign.trouble))

    assert told == [(0, ""), (0, ""), (1, "a job hangs"), (1, "a job hangs"), (2, "")]


def test_who_may_not_write_goes_on_and_says_so_once(tmp_path, caplog):
    caplog.set_level("INFO")
    moment = Moment()
    life = SignOfLife(tmp_path / "nowhere", "jobs", monotonic=moment)
    for moment.seconds in (0, 10, 20):
        life.give()

    assert [each.message for each in caplog.records] == ["no sign of life"]
    assert sign_of_life.read(tmp_path / "nowhere", "jobs") is None


@pytest.mark.parametrize("text", ["", "[]", '{"told_at": "x"}', '{"told_at": 1, "trouble": ""}'])
def test_nonsense_is_no_sign(run_dir, text):
    (run_dir / "alive" / "jobs.json").write_text(text)

    assert sign_of_life.read(run_dir, "jobs") is None


def test_who_has_stopped_gives_no_sign(run_dir):
    life = SignOfLife(run_dir, "jobs")
    life.give()
    life.end()
    life.end()

    assert sign_of_life.read(run_dir, "jobs") is None
