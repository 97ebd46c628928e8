"""Whether systemd hears of nginx what nginx itself does not tell."""

import os
import signal
import subprocess
import sys

import pytest

from appliance import front_keeper
from tests import free_ports
from tests.appliance.systemd import Systemd
from tests.portal.front.fronted import Fronted

# A server that answers each time somebody connects, until it is told to hang; it ends by SIGTERM.
_STAND_IN = """
import signal, socket, sys
hangs = []
signal.signal(signal.SIGHUP, lambda *_: hangs.append(1))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listening:
    kept = []
    while True:
        connection, _ = listening.accept()
        kept.append(connection)
        if not hangs:
            connection.recv(100)
            connection.sendall(b"HTTP/1.1 302 Found\\r\\n\\r\\n")
"""


@pytest.fixture
def systemd(tmp_path):
    with Systemd(tmp_path / "systemd.sock") as systemd:
        yield systemd


def test_it_tells_that_its_server_serves_hangs_and_ends(systemd):
    [port] = free_ports.find(1)
    server = [sys.executable, "-c", _STAND_IN, str(port)]
    command = front_keeper.arguments("127.0.0.1", port, server)
    with subprocess.Popen(command, env=os.environ | systemd.environment(watchdog_s=1)) as keeper:
        systemd.wait_for("READY=1")
        systemd.wait_for("WATCHDOG=1")
        # Passed on.
        keeper.send_signal(signal.SIGHUP)
        assert systemd.falls_silent_for(5)
        keeper.send_signal(signal.SIGTERM)
        systemd.wait_for("STOPPING=1")
        assert keeper.wait(20) == 7


def test_nginx_is_ready_when_it_answers(systemd, tmp_path):
    (tmp_path / "one").mkdir()
    fronted = Fronted(tmp_path / "one", portal=False)
    fronted.environment |= systemd.environment(watchdog_s=4)
    with fronted:
        systemd.wait_for("READY=1")
        assert fronted.ask("/", host="shop.example").status == 302
