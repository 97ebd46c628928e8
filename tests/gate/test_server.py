import contextlib
import json
import logging
import os
import socket
import stat
import subprocess
import sys
import threading

import pytest

from gate import server
from gate.client import GateClient, GateRefusedError, Redirected
from gate.protocol import REQUEST_LIMIT
from gate.recording import RecordingGate
from gate.shape import GateFailedError
from gate.whereabouts import MOST_GUESTS, NOWHERE, Whereabouts
from tests.gate.conftest import serving

ALICE = "02:00:00:00:00:0a"
ADMIT = json.dumps({"do": "admit", "mac": ALICE, "seconds": 60}).encode() + b"\n"


@contextlib.contextmanager
def calling(path):
    """A caller that writes what it likes."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(path))
        with connection.makefile("rwb", buffering=0) as lines:
            yield lines


def ask(path, line):
    with calling(path) as lines:
        lines.write(line)
        return json.loads(lines.readline())


def test_does_what_a_line_asks(running, recording):
    assert ask(running, ADMIT) == {"answer": "done"}
    assert recording.online().keys() == {ALICE}


def test_answers_line_by_line_on_one_connection(running):
    with calling(running) as lines:
        for _ in range(3):
            lines.write(b'{"do":"kind"}\n')
            assert json.loads(lines.readline()) == {"answer": "kind", "kind": "recording"}


@pytest.mark.parametrize(
    ("line", "field"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n", "line", id="http"),
        pytest.param(b"\x00\xff\n", "line", id="bytes"),
        pytest.param(b" " * (REQUEST_LIMIT + 1), "line", id="too-long"),
        pytest.param(ADMIT.replace(b"60", b"0"), "seconds", id="no-time"),
    ],
)
def test_a_wrong_line_is_refused_and_the_next_caller_served(running, recording, line, field):
    answer = ask(running, line)

    assert (answer["answer"], answer["field"]) == ("refused", field)
    assert recording.online() == {}
    assert ask(running, ADMIT) == {"answer": "done"}


def test_hangs_up_after_a_refusal(running):
    with calling(running) as lines:
        lines.write(b"nonsense\n")
        lines.readline()

        assert lines.read() == b""


def test_a_caller_that_says_nothing_does_not_keep_others_waiting(running):
    with contextlib.ExitStack() as silent:
        for _ in range(8):
            silent.enter_context(calling(running)).write(b'{"do":')

        assert ask(running, ADMIT) == {"answer": "done"}


def test_a_caller_that_leaves_at_once_harms_nobody(running):
    for _ in range(20):
        with calling(running) as lines:
            lines.write(ADMIT)

    assert ask(running, b'{"do":"kind"}\n')["kind"] == "recording"


class BrokenGate:
    kind = "broken"

    def admit(self, _mac, _seconds, _limits):
        raise GateFailedError("no such table")

    def revoke(self, mac):
        raise ZeroDivisionError(mac)

    def online(self):
        return {}


def test_a_failure_of_the_gate_is_an_answer(socket_path):
    with serving(socket_path, BrokenGate()):
        assert ask(socket_path, ADMIT) == {"answer": "failed", "problem": "no such table"}


def test_a_fault_of_ours_costs_one_caller_its_answer(socket_path, caplog):
    with serving(socket_path, BrokenGate()), caplog.at_level(logging.ERROR, "gate"):
        with calling(socket_path) as lines:
            lines.write(json.dumps({"do": "revoke", "mac": ALICE}).encode() + b"\n")
            assert lines.readline() == b""

        assert ask(socket_path, b'{"do":"online"}\n') == {"answer": "online", "phones": {}}
    assert [record.getMessage() for record in caplog.records] == ["caller not answered"]


class BusyGate:
    """Notices when two callers command it at once."""

    kind = "busy"

    def __init__(self):
        self.inside = threading.Semaphore(1)
        self.clashes = 0
        self.served = 0

    def admit(self, _mac, _seconds, _limits):
        if not self.inside.acquire(blocking=False):
            self.clashes += 1
            return
        threading.Event().wait(0.002)
        self.served += 1
        self.inside.release()


def test_the_gate_is_commanded_by_one_caller_at_a_time(socket_path):
    gate = BusyGate()
    with serving(socket_path, gate):
        client = GateClient(socket_path, timeout_s=10)
        callers = [threading.Thread(target=client.admit, args=(ALICE, 60)) for _ in range(20)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()

    assert (gate.served, gate.clashes) == (20, 0)


def test_only_owner_and_group_may_open_the_socket(running):
    assert stat.S_IMODE(running.stat().st_mode) == 0o660


def test_removes_the_socket_when_it_stops(socket_path, recording):
    with serving(socket_path, recording):
        pass

    assert list(socket_path.parent.iterdir()) == []


def test_replaces_what_a_killed_gate_left(socket_path, recording):
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(socket_path))

    with serving(socket_path, recording):
        assert ask(socket_path, ADMIT) == {"answer": "done"}


def test_does_not_take_the_socket_from_a_gate_that_lives(running, recording):
    with pytest.raises(server.SocketTakenError, match="stop it first"):
        server.serve(running, recording, (), threading.Event())

    assert ask(running, ADMIT) == {"answer": "done"}


def test_does_not_replace_a_file_that_is_no_socket(socket_path, recording):
    socket_path.write_text("precious")

    with pytest.raises(server.SocketTakenError, match="no socket"):
        server.serve(socket_path, recording, (), threading.Event())
    assert socket_path.read_text() == "precious"


AS_ANOTHER_USER = """
import os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(int(sys.argv[1]))
connection = socket.socket(socket.AF_UNIX)
connection.settimeout(5)
connection.connect(sys.argv[2])
connection.sendall(sys.argv[3].encode())
print(connection.makefile().readline())
"""


def ask_as(uid, path):
    # Modes shall not be in the way: what is tested is what happens without them.
    path.chmod(0o666)
    path.parent.chmod(0o711)
    done = subprocess.run(
        [sys.executable, "-c", AS_ANOTHER_USER, str(uid), path.name, ADMIT.decode()],
        check=True,
        capture_output=True,
        text=True,
        cwd=path.parent,
    )
    return json.loads(done.stdout)


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot become another user")
@pytest.mark.parametrize(
    ("allowed", "answer"),
    [
        pytest.param((), "refused", id="stranger"),
        pytest.param((4242,), "done", id="allowed"),
        pytest.param((4241,), "refused", id="another-is-allowed"),
    ],
)
def test_asks_the_kernel_who_is_calling(socket_path, recording, allowed, answer):
    with serving(socket_path, recording, allowed):
        given = ask_as(4242, socket_path)

    assert given["answer"] == answer
    assert given.get("field", "caller") == "caller"
    assert bool(recording.online()) == (answer == "done")


class WitnessGate(RecordingGate):
    """Of a gateway that is not ours."""

    kind = "unifi"

    def vouch(self, redirected):
        return ALICE if (redirected.path, redirected.query) == ("/guest", "id=1") else None

    def phone_at(self, address):
        return ALICE if address == "192.168.1.23" else None

    def whereabouts(self):
        return {ALICE: Whereabouts(("192.168.1.23",), "f0:9f:c2:00:00:01")}


def test_asks_a_witness_whose_redirect_it_is(socket_path):
    with serving(socket_path, WitnessGate()):
        client = GateClient(socket_path)

        assert client.vouch(Redirected("/guest", "id=1", "192.168.1.23")) == ALICE
        assert client.vouch(Redirected("/guest", "id=2", "192.168.1.23")) is None
        assert client.phone_at("192.168.1.23") == ALICE
        assert client.phone_at("192.168.1.24") is None


def test_asks_a_witness_where_its_guests_are(socket_path):
    with serving(socket_path, WitnessGate()):
        found = GateClient(socket_path).whereabouts()

    assert found == {ALICE: Whereabouts(("192.168.1.23",), "f0:9f:c2:00:00:01")}


def test_lists_no_more_guests_than_fit_into_an_answer(socket_path):
    class Stadium(WitnessGate):
        def whereabouts(self):
            numbers = range(MOST_GUESTS + 1)
            return {f"02:00:00:00:{n >> 8:02x}:{n & 255:02x}": NOWHERE for n in numbers}

    with serving(socket_path, Stadium()):
        assert len(GateClient(socket_path, timeout_s=10).whereabouts()) == MOST_GUESTS


@pytest.mark.parametrize(
    "ask", [lambda client: client.phone_at("192.168.1.23"), GateClient.whereabouts]
)
def test_a_firewall_of_ours_is_no_witness(running, ask):
    with pytest.raises(GateRefusedError, match="recording"):
        ask(GateClient(running))


def test_a_gate_that_takes_no_turns_is_asked_by_several_at_once(socket_path):
    class Patient(RecordingGate):
        both_are_here = threading.Barrier(2)

        def revoke(self, _mac):
            self.both_are_here.wait(5)

    ask = GateClient(socket_path, 5).revoke
    asked = [threading.Thread(target=ask, args=(ALICE,)) for _ in range(2)]
    with serving(socket_path, Patient(), takes_turns=False):
        for each in asked:
            each.start()
        for each in asked:
            each.join(10)

    assert not Patient.both_are_here.broken
