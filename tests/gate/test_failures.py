"""What the gate's log says while a gateway is off, whoever asks how often."""

import json

import pytest

from gate.client import GateClient, GateUnavailableError
from gate.recording import RecordingGate
from gate.shape import GateFailedError
from tests.gate.conftest import serving

ALICE = "02:00:00:00:00:0a"
OFF, FULL = "the console has not told lately", "set is full"


class MoodyGate(RecordingGate):
    """Fails as a test says."""

    def __init__(self):
        super().__init__()
        self.problem = ""

    def counters(self):
        self._fail()
        return super().counters()

    def admit(self, mac, seconds, limits):
        self._fail()
        super().admit(mac, seconds, limits)

    def _fail(self):
        if self.problem:
            raise GateFailedError(self.problem)


@pytest.fixture
def gate():
    return MoodyGate()


@pytest.fixture
def client(socket_path, gate):
    with serving(socket_path, gate):
        yield GateClient(socket_path, timeout_s=10)


@pytest.fixture
def said(caplog):
    """The log's lines so far: level, what, which request, why."""
    caplog.set_level("INFO", "gate")

    def read():
        return [
            (each.levelname, each.getMessage(), each.values["asked"], each.values.get("problem"))
            for each in caplog.records
        ]

    return read


def fail(ask, times=3):
    for _ in range(times):
        with pytest.raises(GateUnavailableError):
            ask()


def test_each_caller_hears_of_a_failure_and_the_log_once(client, gate, said):
    gate.problem = OFF
    fail(client.counters)

    assert said() == [("ERROR", "gate failed", "counters", OFF)]


def test_the_log_says_when_it_works_again_and_when_it_fails_again(client, gate, said):
    client.counters()
    for problem in (OFF, "", "", OFF):
        gate.problem = problem
        if problem:
            fail(client.counters)
        else:
            assert client.counters() == {}

    failed = ("ERROR", "gate failed", "counters", OFF)
    assert said() == [failed, ("INFO", "gate works again", "counters", None), failed]


def test_another_reason_is_news_and_one_that_was_said_is_none(client, gate, said):
    for problem in (OFF, FULL, OFF, FULL):
        gate.problem = problem
        fail(client.counters)

    assert [problem for *_, problem in said()] == [OFF, FULL]


def test_an_answer_to_another_question_does_not_mean_that_it_works(client, gate, said):
    gate.problem = OFF
    for _ in range(3):
        fail(client.counters)
        fail(lambda: client.admit(ALICE, 60))
        assert client.kind() == "recording"

    assert said() == [
        ("ERROR", "gate failed", "counters", OFF),
        ("ERROR", "gate failed", "admit", OFF),
    ]
    assert ALICE not in json.dumps(said())
