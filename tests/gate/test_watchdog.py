"""Whether systemd hears that the gate lives, and no longer hears it when it hangs."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from gate import server
from gate.client import GateClient
from gate.recording import RecordingGate
from tests.appliance.systemd import Systemd


@pytest.fixture
def systemd(tmp_path):
    with Systemd(tmp_path / "systemd.sock") as systemd:
        yield systemd


def test_the_program_says_that_it_serves_and_lives_and_stops(systemd, socket_path):
    command = [sys.executable, "-I", "-m", "gate", f"--socket={socket_path}", "--kind=recording"]
    with subprocess.Popen(command, env=os.environ | systemd.environment(watchdog_s=1)) as gate:
        systemd.wait_for("READY=1")
        assert GateClient(socket_path).kind() == "recording"
        systemd.forget()
        systemd.wait_for("WATCHDOG=1")
        gate.send_signal(signal.SIGTERM)
        systemd.wait_for("STOPPING=1")


class HangingGate(RecordingGate):
    def __init__(self):
        super().__init__()
        self.hangs, self.go_on = threading.Event(), threading.Event()

    def online(self):
        self.hangs.set()
        assert self.go_on.wait(20)
        return super().online()


def test_a_firewall_that_does_not_answer_silences_it(socket_path):
    gate, stop, turned = HangingGate(), threading.Event(), threading.Event()
    serving = threading.Thread(
        target=server.serve,
        args=(socket_path, gate, (), stop),
        kwargs={"on_turn": turned.set, "longest_s": 0.3},
    )
    serving.start()
    assert turned.wait(20)
    asking = threading.Thread(target=GateClient(socket_path).online)
    asking.start()
    assert gate.hangs.wait(20)

    # One more may have been on its way.
    while turned.wait(1):
        turned.clear()

    gate.go_on.set()
    asking.join()
    assert turned.wait(20)
    stop.set()
    serving.join()
