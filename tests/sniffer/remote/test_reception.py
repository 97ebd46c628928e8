import itertools

import pytest

from core.sightings import Sighting
from sniffer.remote.loan import version_of
from sniffer.remote.reception import Reception
from sniffer.remote.shape import AskKeys, Greet, Keys, Reason, Refused, Row, Take, Taken
from tests.sniffer.remote.store_keys import HOUR_US, MINUTE_US, HourKeys

NOW_US = 495_000 * HOUR_US + 30 * MINUTE_US
RUN = "0123456789abcdef"


class Box:
    def __init__(self, leave_out="", seed=0):
        self.now_us = NOW_US
        self.keys = HourKeys(seed)
        self.leave_out = leave_out
        self.arrivals = 0
        self.reception = Reception(
            self.keys,
            lambda: self.leave_out,
            300,
            on_arrival=self.arrive,
            now_us=lambda: self.now_us,
        )

    def arrive(self):
        self.arrivals += 1

    def ask_keys(self, name="corner", leave_out="", sent_us=None):
        return self.reception.answer(name, AskKeys(name, sent_us or self.now_us, leave_out))

    def take(self, rows=(), number=1, *, name="corner", key=None, **fields):
        whole = {"sensor": name, "sent_us": self.now_us, "run": RUN, "counts": {}} | fields
        key = key or self.keys.of(self.now_us).id
        return self.reception.answer(name, Take(rows=rows, number=number, key=key, **whole))

    def taken_out(self):
        return [pair for batch in self.reception.take_out() for pair in batch.heard]


@pytest.fixture
def box():
    box = Box()
    box.ask_keys()
    return box


def row(**fields):
    return Row(NOW_US - MINUTE_US, 12, 34, True, -60, 2437, 99)._replace(**fields)


def test_what_is_taken_comes_out_once_under_the_sensors_name_with_its_number(box):
    assert isinstance(box.take([row()], counts={"frames": 7}), Taken)

    assert box.arrivals == 1
    (batch,) = box.reception.take_out()
    sighting = Sighting(NOW_US - MINUTE_US, 12, 34, True, -60, 2437, "corner")
    assert list(batch.heard) == [(sighting, 99)]
    assert box.reception.take_counts() == {"source.corner.frames": 7}
    assert box.reception.take_counts() == {}
    assert box.reception.take_out() == []


def test_a_batch_that_comes_again_is_answered_and_not_taken(box):
    box.take([row()], 1)
    box.take([row(sequence=100)], 2)

    assert isinstance(box.take([row()], 1), Taken)
    assert isinstance(box.take([row(sequence=100)], 2), Taken)
    assert isinstance(box.take([row(sequence=101)], 4), Taken)

    assert [number for _, number in box.taken_out()] == [99, 100, 101]
    assert box.reception.take_counts() == {"source.corner.repeated": 2}


def test_an_earlier_start_of_the_sensor_is_not_forgotten_by_a_later_one(box):
    box.take([row()], 1)
    box.take([row(sequence=100)], 1, run="f" * 16)

    box.take([row()], 1)

    assert len(box.taken_out()) == 2


def test_batches_are_told_apart_by_sensor(box):
    box.take([row()], 1)
    box.take([row()], 1, name="window")

    assert [sighting.sensor for sighting, _ in box.taken_out()] == ["corner", "window"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"sensor": "window"}, Reason.WRONG_NAME, id="another sensor's name"),
        pytest.param({"sent_us": NOW_US - 301_000_000}, Reason.CLOCK, id="clock behind"),
        pytest.param({"sent_us": NOW_US + 301_000_000}, Reason.CLOCK, id="clock ahead"),
        pytest.param({"key": "f" * 16}, Reason.KEY_GONE, id="a key of somebody else"),
        pytest.param(
            {"rows": [row(), row(heard_at_us=NOW_US - HOUR_US)]},
            Reason.WRONG_PERIOD,
            id="heard before the key's time",
        ),
        pytest.param(
            {"rows": [row(heard_at_us=NOW_US + HOUR_US)]},
            Reason.WRONG_PERIOD,
            id="heard after the key's time",
        ),
        pytest.param(
            {"rows": [row(heard_at_us=NOW_US + 2_100_000)]},
            Reason.WRONG_PERIOD,
            id="heard in the future",
        ),
        pytest.param({"rows": [row(address=1 << 24)]}, Reason.BAD_VALUE, id="a long pseudonym"),
        pytest.param({"rows": [row(fingerprint=1 << 24)]}, Reason.BAD_VALUE, id="a long look"),
    ],
)
def test_a_batch_is_refused_whole_and_the_reason_counted(box, fields, reason):
    answer = box.take(**fields)

    assert isinstance(answer, Refused)
    assert answer.reason is reason
    assert box.taken_out() == []
    assert box.reception.take_counts() == {f"source.corner.refused.{reason}": 1}
    assert isinstance(box.take([row()]), Taken), "the number is still free"


def test_what_was_heard_before_the_key_ended_is_taken_for_a_while(box):
    key = box.keys.of(NOW_US).id
    box.now_us = NOW_US + 49 * MINUTE_US
    box.keys.since_us = 495_001 * HOUR_US

    assert isinstance(box.take([row()], 1, key=key), Taken)
    box.now_us += MINUTE_US
    assert box.take([row()], 2, key=key).reason is Reason.TOO_LATE
    box.ask_keys()
    assert box.take([row()], 2, key=key).reason is Reason.KEY_GONE


def test_a_box_that_was_started_anew_takes_nothing_under_the_key_before(box):
    again = Box(seed=1)
    again.ask_keys()

    assert again.take([row()], key=box.keys.of(NOW_US).id).reason is Reason.KEY_GONE


def test_while_the_loop_is_kept_from_taking_the_sensor_is_asked_to_wait(box):
    answers = [box.take([row()], number) for number in range(1, 67)]

    assert [type(answer) for answer in answers[:64]] == [Taken] * 64
    assert {answer.reason for answer in answers[64:]} == {Reason.BUSY}
    assert len(box.taken_out()) == 64
    assert isinstance(box.take([row()], 65), Taken)


@pytest.mark.parametrize(
    ("minute", "hours"),
    [
        pytest.param(30, [495_000], id="in the middle"),
        pytest.param(59, [495_000, 495_001], id="shortly before its end"),
        pytest.param(60, [495_000, 495_001], id="shortly after"),
    ],
)
def test_a_key_is_handed_out_before_it_is_needed_and_while_frames_may_be_late(minute, hours):
    box = Box()
    box.now_us = 495_000 * HOUR_US + minute * MINUTE_US

    answer = box.ask_keys()

    assert isinstance(answer, Keys)
    assert answer.bits == 24
    assert [key.from_us // HOUR_US for key in answer.keys] == hours


def test_a_key_that_is_gone_is_not_handed_out():
    box = Box()
    box.now_us = box.keys.since_us = 495_000 * HOUR_US

    assert [key.from_us for key in box.ask_keys().keys] == [495_000 * HOUR_US]


def test_whom_to_leave_out_is_told_once_for_each_change():
    box = Box("a list")
    first = box.ask_keys()
    assert first.leave_out == "a list"

    version = version_of(first.leave_out)
    assert box.ask_keys(leave_out=version).leave_out is None
    box.leave_out = ""
    assert box.ask_keys(leave_out=version).leave_out == ""
    assert box.ask_keys(leave_out="").leave_out is None


def test_the_last_word_is_of_what_was_not_refused(box):
    box.take([row()], name="window", sent_us=NOW_US + 1000)
    box.now_us += MINUTE_US
    box.take([row()], 2, name="window", sent_us=1)

    words = box.reception.last_words()
    assert words["window"] == (NOW_US, 1000)
    assert words["corner"].at_us == NOW_US


def test_a_greeting_is_answered_lends_nothing_and_is_no_word_of_the_sensor(box):
    before = box.reception.last_words()
    box.now_us += MINUTE_US

    assert type(box.reception.answer("corner", Greet("corner", box.now_us))) is Taken
    assert box.reception.answer("corner", Greet("window", box.now_us)).reason is Reason.WRONG_NAME
    assert box.reception.last_words() == before


def test_only_so_many_starts_of_a_sensor_are_remembered(box):
    for start in range(70):
        box.take([], 1, run=f"{start:016x}")
        box.reception.take_out()

    box.take([row()], 1, run=f"{69:016x}")
    assert box.taken_out() == []


def test_a_sensor_cannot_fill_the_day_with_names_of_tallies(box):
    for number in range(1, 500):
        box.take([], number, counts={f"n{number}": 1})
        box.reception.take_out()

    counts = box.reception.take_counts()
    assert len(counts) == 301
    assert counts["source.corner.other"] == 199


def test_answers_bear_the_times_between_which_the_box_was_at_work():
    ticks = itertools.count(NOW_US, 1000)
    reception = Reception(HourKeys(), str, 300, now_us=lambda: next(ticks))

    answer = reception.answer("corner", AskKeys("corner", NOW_US, ""))

    assert answer.received_us == NOW_US
    assert answer.answered_us == NOW_US + 1000
