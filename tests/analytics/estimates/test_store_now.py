import numpy as np
import pytest

from analytics.estimates import store_now
from analytics.estimates.comers import Comers
from analytics.estimates.silences import Silences
from analytics.estimates.stays import Stays

SILENCE_S, STAY_S, HOURS = 80.0, 900.0, 8
TALKATIVE = np.random.default_rng(1).exponential(SILENCE_S, 400)
QUIET = np.minimum(np.random.default_rng(2).exponential(400.0, 400), 890.0)


def comers(stays, silences_s=TALKATIVE):
    """Of stays (first, last, bursts)."""
    first_s, last_s, bursts = np.array(sorted(stays), dtype=float).reshape(-1, 3).T
    number = np.arange(len(first_s))
    visits = Stays(number, first_s, last_s, bursts.astype(np.int64))
    nobody = np.zeros(0)
    return Comers(
        visits=visits,
        visit_weight=np.ones(len(number)),
        visit_tells=visits.bursts > 1,
        passing=Stays(number[:0], nobody, nobody, number[:0]),
        passing_weight=nobody,
        silences=Silences(silences_s),
    )


def silent_for(*seconds, now_s=36_000.0, silences_s=TALKATIVE):
    """The estimate, if so many stays as there are seconds were last heard so long ago."""
    stays = [(now_s - each - 600, now_s - each, 8) for each in seconds]
    return store_now.estimate(comers(stays, silences_s), now_s)


def test_who_was_heard_just_now_is_there():
    assert silent_for(*[0] * 20).devices == 20


def test_who_was_silent_for_longer_than_any_phone_is_has_left():
    assert silent_for(*[3600] * 20) == (0, 0, 0)


def test_the_longer_the_silence_the_fewer_are_still_there():
    found = [silent_for(*[minutes * 60] * 40).devices for minutes in range(16)]

    assert found == sorted(found, reverse=True)
    assert found[0] > found[2] > found[5]


def test_silence_says_less_of_phones_that_say_little():
    five_minutes = [300] * 40

    talkative = silent_for(*five_minutes).devices
    assert talkative < silent_for(*five_minutes, silences_s=QUIET).devices


def test_the_interval_is_wider_where_it_is_not_certain_who_has_left():
    doubtful = silent_for(*[200] * 40)
    certain = silent_for(*[0] * doubtful.devices)

    assert certain.devices == doubtful.devices
    assert doubtful.low < certain.low
    assert certain.high < doubtful.high


@pytest.mark.parametrize("seed", [1, 2])
def test_as_many_are_there_on_average_as_there_are(seed):
    rng = np.random.default_rng(seed)
    day_s = HOURS * 3600
    came_s = rng.uniform(0, day_s, 120 * HOURS)
    left_s = came_s + rng.exponential(STAY_S, len(came_s))
    bursts = [
        came + np.cumsum(rng.exponential(SILENCE_S, int(6 * (left - came) / SILENCE_S) + 20))
        for came, left in zip(came_s, left_s, strict=True)
    ]
    heard = [at_s[at_s < left] for at_s, left in zip(bursts, left_s, strict=True)]
    errors, truths = [], []
    for now_s in np.arange(2 * 3600, day_s, 1800):
        so_far = [at_s[at_s < now_s] for at_s in heard]
        stays = [(at_s[0], at_s[-1], len(at_s)) for at_s in so_far if len(at_s)]
        truths.append(((came_s < now_s) & (now_s < left_s)).sum())
        found = store_now.estimate(comers(stays), now_s)
        errors.append(found.devices - truths[-1])
        assert found.low <= truths[-1] <= found.high

    assert abs(np.mean(errors)) < 0.2 * np.mean(truths)
