"""QUIC looks like any UDP to the firewall, and must end with the login like the rest."""

import contextlib
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.lab import network

pytestmark = pytest.mark.timed

PROGRAM = Path(__file__).with_name("quic.py")
_WITHIN_S = 10
# Twenty times as long as from one piece to the next.
_SILENCE_S = 1.0


class Heard:
    """When each line of a program came."""

    def __init__(self, namespace, *arguments):
        self.times = []
        self.process = subprocess.Popen(
            namespace.command(sys.executable, PROGRAM, *arguments), stdout=subprocess.PIPE
        )
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self):
        for _ in self.process.stdout:
            self.times.append(time.monotonic())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self._thread.join()
        self.process.stdout.close()

    def wait_for_more(self):
        wanted, deadline = len(self.times) + 3, time.monotonic() + _WITHIN_S
        while len(self.times) < wanted:
            assert time.monotonic() < deadline
            assert self.process.poll() is None
            time.sleep(0.02)

    def falls_silent(self):
        deadline = time.monotonic() + _WITHIN_S
        while time.monotonic() < deadline:
            if time.monotonic() - self.times[-1] > _SILENCE_S:
                return True
            time.sleep(0.05)
        return False


@contextlib.contextmanager
def both_ways(shop, phone, version):
    """What came up at the server, and down at the phone: a connection each."""
    address = network.WEB[version]
    with Heard(shop.internet, "serve", address, shop.folder / "internet.pem") as up:
        deadline = time.monotonic() + _WITHIN_S
        while not up.times:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        with Heard(phone.here, "load", address) as down:
            up.wait_for_more()
            down.wait_for_more()
            yield up, down


@pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda gate, mac: gate.revoke(mac), id="revoked"),
        pytest.param(lambda gate, mac: gate.admit(mac, 1), id="time-is-up"),
    ],
)
def test_uploads_and_downloads_by_quic_end_with_the_login(shop, online, version, end):
    with both_ways(shop, online, version) as (up, down):
        shop.gate.admit(online.mac, 600)
        up.wait_for_more()
        down.wait_for_more()

        end(shop.gate, online.mac)
        assert up.falls_silent()
        assert down.falls_silent()
