import contextlib
import datetime as dt
import logging
import threading

import pytest

from core.log import _JsonLines
from core.models.outbox_event import OutboxState
from core.outbox import EventType
from core.sealing import Sealer
from crm import sole_sender
from crm.delivery import Tally
from crm.shape import Answer, Outcome, PermanentCrmError, Refusal, TemporaryCrmError
from tests.crm.desk import CANARY, ScriptedCrm, desk_on
from tests.metric_values import value

DOWN = TemporaryCrmError("http_503")
REFUSED = Answer(Outcome.REFUSED, Refusal.BAD_DATA)


class Crash(BaseException):
    """The power fails."""


def seconds(number):
    return dt.timedelta(seconds=number)


def test_everything_due_is_sent_in_order_in_batches(any_database, sealer, tmp_path, now):
    desk = desk_on(any_database, sealer, tmp_path, batch_size=3)
    desk.add(*"ABCDEFG", now=now)
    crm = ScriptedCrm()
    counted = value("doorman_events_sent_total", outcome="accepted")

    assert desk.deliver(crm, now) == Tally(accepted=7)
    assert value("doorman_events_sent_total", outcome="accepted") == counted + 7
    assert crm.requests == [["A", "B", "C"], ["D", "E", "F"], ["G"]]


def test_what_was_sent_is_kept_without_its_content(any_desk, now):
    any_desk.add("A", now=now)

    any_desk.deliver(ScriptedCrm(), now)

    [row] = any_desk.rows()
    assert (row.state, row.sealed_data, row.sent_at) == (OutboxState.SENT, b"", now)
    assert (row.attempts, row.last_error) == (1, "")


def test_a_duplicate_is_as_good_as_sent(any_desk, now):
    any_desk.add("A", now=now)

    tally = any_desk.deliver(ScriptedCrm({"A": Answer(Outcome.DUPLICATE)}), now)

    assert tally == Tally(duplicate=1)
    assert any_desk.states() == {"A": "sent"}


def test_an_event_that_is_refused_is_parked_with_the_reason_and_its_content(any_desk, now):
    any_desk.add("A", "B", now=now)

    tally = any_desk.deliver(ScriptedCrm({"A": REFUSED}), now)

    assert tally == Tally(accepted=1, refused=1)
    parked, _ = any_desk.rows()
    assert (parked.state, parked.last_error) == (OutboxState.PARKED, "bad_data")
    assert parked.sealed_data


def test_a_parked_event_does_not_hold_up_later_news_of_its_subject(any_desk, now):
    _, second = any_desk.add("A", "A", now=now)
    crm = ScriptedCrm({"A": REFUSED})

    any_desk.deliver(crm, now)

    assert crm.requests == [["A"], ["A"]]
    assert list(crm.had) == [second]


def test_a_crm_that_is_down_stops_everything_until_the_wait_is_over(any_desk, now):
    any_desk.add("A", now=now)
    crm = ScriptedCrm(DOWN)

    assert any_desk.deliver(crm, now) == Tally(postponed=1)
    any_desk.add("B", now=now)
    assert any_desk.deliver(crm, now + seconds(0.5)) == Tally()
    assert crm.requests == [["A"]]

    assert any_desk.deliver(crm, now + seconds(1)) == Tally(accepted=2)
    assert [row.last_error for row in any_desk.rows()] == ["", ""]


def test_a_crm_that_is_down_is_asked_no_second_time_for_the_next_batch(
    database, sealer, tmp_path, now
):
    desk = desk_on(database, sealer, tmp_path, batch_size=2)
    desk.add(*"ABCD", now=now)
    crm = ScriptedCrm(DOWN)

    assert desk.deliver(crm, now) == Tally(postponed=2)
    assert crm.requests == [["A", "B"]]


def test_waits_grow_until_a_quarter_of_an_hour_and_the_reason_is_kept(any_desk, now):
    any_desk.add("A", now=now)
    crm = ScriptedCrm(*[DOWN] * 12)
    waits = []
    for _ in range(12):
        any_desk.deliver(crm, now)
        until = any_desk.line().open_until
        waits.append((until - now).total_seconds())
        now = until

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 450, 450, 450]
    assert (any_desk.line().failures, any_desk.line().reason) == (12, "http_503")
    assert any_desk.deliver(crm, now) == Tally(accepted=1)


def test_a_crm_that_asks_for_patience_gets_it(any_desk, now):
    any_desk.add("A", now=now)
    crm = ScriptedCrm(TemporaryCrmError("http_429", retry_after_s=120))

    any_desk.deliver(crm, now)
    any_desk.add("B", now=now)

    assert any_desk.deliver(crm, now + seconds(119)) == Tally()
    assert any_desk.deliver(crm, now + seconds(120)) == Tally(accepted=2)


def test_what_the_crm_left_out_goes_again_and_holds_up_only_its_own_subject(any_desk, now):
    first, _, third = any_desk.add("A", "B", "A", now=now)
    crm = ScriptedCrm({"A": None})

    assert any_desk.deliver(crm, now) == Tally(accepted=1, postponed=1)
    any_desk.add("C", now=now)
    assert any_desk.deliver(crm, now) == Tally(accepted=1)
    assert crm.subjects == ["B", "C"]

    any_desk.deliver(crm, now + seconds(1))
    assert [event_id for event_id in crm.had if event_id in {first, third}] == [first, third]


def test_one_subjects_news_never_shares_a_request(any_desk, now):
    any_desk.add("A", "A", "B", "A", now=now)
    crm = ScriptedCrm()

    any_desk.deliver(crm, now)

    assert crm.requests == [["A", "B"], ["A"], ["A"]]


def test_a_request_that_is_refused_as_a_whole_is_halved_down_to_the_culprit(any_desk, now):
    any_desk.add(*"ABCDEFGH", now=now)

    class Picky(ScriptedCrm):
        def send(self, batch):
            if any(event.subject == "F" for event in batch):
                self.requests.append([event.subject for event in batch])
                raise PermanentCrmError("http_413")
            return super().send(batch)

    crm = Picky()

    assert any_desk.deliver(crm, now) == Tally(accepted=7, refused=1)
    assert crm.subjects == list("ABCDEGH")
    assert [row.last_error for row in any_desk.rows() if row.subject == "F"] == ["http_413"]
    assert ["".join(request) for request in crm.requests] == [
        *("ABCDEFGH", "ABCD", "EFGH", "EF", "E", "FG", "F", "GH")
    ]


@pytest.mark.parametrize("at_once", [1, 2])
def test_an_event_over_which_a_connector_stumbles_is_parked_and_no_other(
    desk, now, caplog, at_once
):
    *_, stumbled, _ = desk.add(*"ABCD", now=now)

    class Stumbling(ScriptedCrm):
        def send(self, batch):
            for event in batch:
                if event.id == stumbled:
                    raise KeyError(event.data["phone"])
            return super().send(batch)

    crm = Stumbling()
    crm.at_once = at_once

    assert desk.deliver(crm, now) == Tally(accepted=3, refused=1)
    assert desk.states() == {"A": "sent", "B": "sent", "C": "parked", "D": "sent"}
    assert [row.last_error for row in desk.rows()] == ["", "", "bad_data", ""]
    logged = "\n".join(_JsonLines().format(record) for record in caplog.records)
    assert stumbled in logged
    assert CANARY not in logged


def test_what_has_nothing_to_do_with_the_event_parks_none(desk, now):
    desk.add("A", now=now)

    with pytest.raises(OSError, match="disk"):
        desk.deliver(ScriptedCrm(OSError("the disk is full")), now)

    assert desk.states() == {"A": "waiting"}


def test_events_that_do_not_open_wait_for_the_right_key(any_desk, now):
    any_desk.add("A", "B", now=now)
    crm = ScriptedCrm()

    assert any_desk.deliver(crm, now, sealer=Sealer(bytes(32))) == Tally(postponed=2)
    assert crm.requests == []
    assert any_desk.deliver(crm, now + seconds(1)) == Tally(accepted=2)


def test_one_event_that_does_not_open_holds_up_no_other_subject(desk, now):
    desk_on(desk.database, Sealer(bytes(32)), desk.settings.data_dir).add("A", now=now)
    desk.add("B", now=now)

    assert desk.deliver(ScriptedCrm(), now) == Tally(accepted=1, postponed=1)


def test_a_wait_written_by_a_clock_that_was_wrong_is_not_kept(desk, now):
    desk.add("A", now=now)
    desk.deliver(ScriptedCrm(DOWN), now + dt.timedelta(days=365))

    assert desk.deliver(ScriptedCrm(), now) == Tally(accepted=1)


def test_an_answer_about_an_event_nobody_asked_about_changes_nothing(desk, now):
    desk.add("A", now=now)

    class Confused(ScriptedCrm):
        def send(self, _batch):
            return {"01ARZ3NDEKTSV4RRFFQ69G5FAV": Answer(Outcome.ACCEPTED)}

    assert desk.deliver(Confused(), now) == Tally(postponed=1)
    assert desk.states() == {"A": "waiting"}


class MortalCrm(ScriptedCrm):
    """Every second request ends in a crash of ours, before or after the CRM has the batch."""

    def __init__(self, *, has_it):
        super().__init__()
        self.has_it = has_it
        self.calls = 0

    def send(self, batch):
        self.calls += 1
        crashes = self.calls % 2
        if crashes and not self.has_it:
            raise Crash
        answers = super().send(batch)
        if crashes:
            raise Crash
        return answers


@pytest.mark.parametrize("has_it", [False, True], ids=["on-the-way-there", "on-the-way-back"])
@pytest.mark.parametrize("batch_size", [1, 2, 100])
def test_a_crash_at_a_request_loses_nothing_and_doubles_nothing(
    database, sealer, tmp_path, now, *, batch_size, has_it
):
    desk = desk_on(database, sealer, tmp_path, batch_size=batch_size)
    first, second = desk.add(*"ABC", now=now), desk.add(*"ABC", now=now)
    crm = MortalCrm(has_it=has_it)

    for _ in range(20):
        with contextlib.suppress(Crash):
            desk.deliver(crm, now)

    assert crm.calls >= 4
    assert {row.state for row in desk.rows()} == {OutboxState.SENT}
    assert sorted(crm.had) == sorted(first + second)
    order = list(crm.had)
    assert all(order.index(a) < order.index(b) for a, b in zip(first, second, strict=True))


def test_nothing_is_sent_while_another_process_is_sending(desk, now):
    desk.add("A", now=now)
    crm = ScriptedCrm()

    with sole_sender.turn(desk.database, desk.settings.data_dir) as ours:
        assert ours
        assert desk.deliver(crm, now) == Tally()

    assert crm.requests == []
    assert desk.deliver(crm, now) == Tally(accepted=1)


def test_the_database_is_free_while_the_crm_thinks(desk, now):
    desk.add("A", now=now)

    class Slow(ScriptedCrm):
        def send(self, batch):
            # A shopper logs in meanwhile: this would fail if a transaction were open.
            desk.add("B", now=now + seconds(1))
            return super().send(batch)

    assert desk.deliver(Slow(), now) == Tally(accepted=1)
    assert desk.states() == {"A": "sent", "B": "waiting"}


def test_no_personal_data_reaches_log_or_table(desk, now, caplog):
    caplog.set_level(logging.DEBUG)
    desk.add("A", "B", "C", now=now)
    refused = {"A": REFUSED, "B": None}

    desk.deliver(ScriptedCrm(DOWN, refused), now)
    desk.deliver(ScriptedCrm(refused), now + seconds(1))
    desk.deliver(ScriptedCrm(), now + seconds(3), sealer=Sealer(bytes(32)))

    logged = "\n".join(_JsonLines().format(record) for record in caplog.records)
    assert {"the CRM took nothing", "event parked", "events do not open"} <= set(caplog.messages)
    assert CANARY not in logged
    assert all(CANARY not in row.last_error for row in desk.rows())


def test_what_takes_the_place_of_news_under_way_is_sent_as_well(desk, now):
    desk.add("A", now=now, kind=EventType.MEMBER_UPDATED)

    class Slow(ScriptedCrm):
        def send(self, batch):
            if not self.requests:
                # Deletes the row that is under way, the last one in the table.
                desk.add("A", now=now, kind=EventType.MEMBER_UPDATED)
            return super().send(batch)

    crm = Slow()
    desk.deliver(crm, now)

    assert crm.requests == [["A"], ["A"]]
    assert desk.states() == {"A": "sent"}


def test_two_requests_at_once_are_never_about_the_same(any_database, sealer, tmp_path, now):
    desk = desk_on(any_database, sealer, tmp_path, batch_size=2)
    ids = desk.add(*"ABCDEF", now=now) + desk.add(*"AB", now=now)

    class Two(ScriptedCrm):
        at_once = 2

        def __init__(self):
            super().__init__()
            self.both, self.open, self.most = threading.Barrier(2), set(), 0
            self.turn = threading.Lock()

        def send(self, batch):
            subjects = {event.subject for event in batch}
            with self.turn:
                assert not self.open & subjects
                self.open |= subjects
                self.most = max(self.most, len(self.open))
            with contextlib.suppress(threading.BrokenBarrierError):
                self.both.wait(0.2)
            with self.turn:
                self.open -= subjects
                return super().send(batch)

    crm = Two()

    assert desk.deliver(crm, now) == Tally(accepted=8)
    assert crm.most == 4
    assert sorted(crm.had) == sorted(ids)
    order = list(crm.had)
    assert order.index(ids[0]) < order.index(ids[6])
    assert order.index(ids[1]) < order.index(ids[7])


def test_what_a_crm_has_no_place_for_counts_as_sent(desk, now):
    desk.add("A", now=now)
    desk.add("hour", now=now, kind=EventType.TRAFFIC_HOUR)
    crm = ScriptedCrm()
    crm.takes = frozenset({EventType.COUPON_USED})

    assert desk.deliver(crm, now) == Tally(accepted=1, passed_over=1)
    assert crm.requests == [["A"]]
    assert desk.states() == {"A": "sent", "hour": "sent"}


def test_a_request_holds_no_more_than_so_many_octets(any_database, sealer, tmp_path, now):
    desk = desk_on(any_database, sealer, tmp_path, batch_bytes=1000)
    desk.add(*"ABCD", now=now, data={"long": "x" * 450})
    desk.add("E", now=now, data={"long": "x" * 5000})
    crm = ScriptedCrm()

    assert desk.deliver(crm, now) == Tally(accepted=5)
    assert crm.requests == [["A", "B", "C"], ["D", "E"]]
