import datetime as dt

import pytest

from core import crm_line
from core.crm_line import State
from crm.delivery import Tally
from crm.shape import TemporaryCrmError
from tests.crm.desk import ScriptedCrm, desk_on

DOWN = TemporaryCrmError("http_503")


def state(desk, now):
    return crm_line.state(desk.line(), now)


def seconds(number):
    return dt.timedelta(seconds=number)


def test_it_is_closed_until_the_crm_fails_open_until_the_wait_is_over_and_then_half(any_desk, now):
    assert state(any_desk, now) is State.CLOSED

    any_desk.add("A", now=now)
    any_desk.deliver(ScriptedCrm(DOWN), now)

    assert state(any_desk, now + seconds(0.9)) is State.OPEN
    assert state(any_desk, now + seconds(1)) is State.HALF_OPEN


def test_half_open_one_small_batch_tries_and_then_more_and_more(database, sealer, tmp_path, now):
    desk = desk_on(database, sealer, tmp_path, batch_size=100)
    desk.add(*(f"m-{number}" for number in range(150)), now=now)
    desk.deliver(ScriptedCrm(DOWN), now)
    crm = ScriptedCrm()

    desk.deliver(crm, now + seconds(1))

    assert [len(request) for request in crm.requests] == [10, 20, 40, 80]
    assert state(desk, now + seconds(1)) is State.CLOSED


def test_a_probe_that_fails_opens_it_for_longer(any_desk, now):
    any_desk.add("A", now=now)
    any_desk.deliver(ScriptedCrm(DOWN), now)
    later = now + seconds(1)
    any_desk.deliver(ScriptedCrm(DOWN), later)

    assert any_desk.line().failures == 2
    assert any_desk.line().open_until == later + seconds(2)


def test_a_crm_that_says_nothing_about_one_of_two_events_is_well(any_desk, now):
    any_desk.add("A", "B", now=now)
    any_desk.deliver(ScriptedCrm({"A": None}), now)

    assert state(any_desk, now) is State.CLOSED
    assert any_desk.line().last_success_at == now


def test_an_answer_about_no_event_at_all_is_a_failure(database, sealer, tmp_path, now):
    desk = desk_on(database, sealer, tmp_path, batch_size=2)
    desk.add(*"ABCDEF", now=now)
    crm = ScriptedCrm({"A": None, "B": None})

    assert desk.deliver(crm, now) == Tally(postponed=2)

    assert crm.requests == [["A", "B"]]
    assert (desk.line().failures, desk.line().reason) == (1, "unanswered")


def test_an_answer_beside_a_failure_closes_nothing(database, sealer, tmp_path, now):
    desk = desk_on(database, sealer, tmp_path, batch_size=1)
    desk.add("A", "B", now=now)

    class HalfDown(ScriptedCrm):
        at_once = 2

        def send(self, batch):
            if batch[0].subject == "A":
                raise TemporaryCrmError("http_429")
            return super().send(batch)

    assert desk.deliver(HalfDown(), now) == Tally(accepted=1, postponed=1)
    assert state(desk, now) is State.OPEN


def test_the_wait_begins_when_the_crm_failed_however_long_the_call_has_lasted(
    database, sealer, tmp_path, now
):
    desk = desk_on(database, sealer, tmp_path, batch_size=1)
    desk.add("A", "B", now=now)
    busy = TemporaryCrmError("http_429", retry_after_s=60)
    crm = ScriptedCrm({}, busy)
    minutes = dt.timedelta(minutes=10)

    desk.deliver(crm, lambda: now + minutes * len(crm.requests))

    assert desk.line().open_until == now + 2 * minutes + seconds(60)


@pytest.mark.parametrize("back", [seconds(1), dt.timedelta(hours=5), dt.timedelta(days=365)])
def test_a_clock_that_was_set_back_keeps_nobody_waiting(any_desk, now, back):
    any_desk.add("A", now=now)
    any_desk.deliver(ScriptedCrm(TemporaryCrmError("http_429", retry_after_s=3600)), now)

    assert state(any_desk, now - back) is State.HALF_OPEN


def test_its_state_is_not_the_process_s_but_the_database_s(any_desk, now):
    any_desk.add("A", now=now)
    any_desk.deliver(ScriptedCrm(DOWN), now)
    another, crm = (
        desk_on(any_desk.database, any_desk.sealer, any_desk.settings.data_dir),
        ScriptedCrm(),
    )

    another.deliver(crm, now + seconds(0.5))

    assert crm.requests == []
