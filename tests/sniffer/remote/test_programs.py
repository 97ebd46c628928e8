"""The real program, three times: a box, and sensors at two corners, each fed through a pipe."""

import base64
import contextlib
import os
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time

import pytest

from core import clock, sightings
from sniffer.remote.authority import Authority
from tests import free_ports
from tests.sniffer.octets import dot11, element, probe_request, radiotap
from tests.sniffer.remote.conftest import phone, wait_for
from tests.sniffer.remote.wire import Wire

NETWORK = b"Canary-Home-7Q"
CANARY = phone(0xA41B)
ELEMENTS = element(0, NETWORK) + element(1, bytes.fromhex("02040b16"))


class Program:
    """`doorman sensor` with a folder of its own."""

    def __init__(self, folder, *arguments, **settings):
        self._log = (folder / "log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "appliance", "sensor", *arguments],
            env=os.environ
            | {"DOORMAN_DATA_DIR": str(folder)}
            | {f"DOORMAN_SENSOR__{name.upper()}": str(value) for name, value in settings.items()},
            stderr=self._log,
        )

    def end(self, number=signal.SIGKILL):
        if self._process.poll() is None:
            self._process.send_signal(number)
        self._process.wait(30)
        self._log.close()


class Corner:
    """A sensor's program, and the pipe that it takes for a capture file."""

    def __init__(self, folder, place, bundle_file):
        folder.mkdir()
        self.folder = folder
        self._settings = {"send_to": f"127.0.0.1:{place[1]}", "bundle": bundle_file}
        self.start()

    def start(self):
        pipe = self.folder / "pipe"
        with contextlib.suppress(FileExistsError):
            os.mkfifo(pipe)
        self._program = Program(self.folder, "--replay", pipe, **self._settings)
        # Both ways, for otherwise this would wait until the program opens it.
        self._pipe = os.open(pipe, os.O_RDWR)
        os.write(self._pipe, struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 127))
        self._is_over = threading.Event()
        self._pulse = threading.Thread(target=self._beat, daemon=True)
        self._pulse.start()

    def hear(self, sender, sequence, at_us=None):
        self._write(probe_request(ELEMENTS, sender=sender, sequence=sequence), at_us)

    def _beat(self):
        # A program that replays looks up with each frame, and there may be none for long.
        while not self._is_over.wait(0.1):
            self._write(radiotap() + dot11(control=0x0080))

    def _write(self, frame, at_us=None):
        seconds, us = divmod(at_us or time.time_ns() // 1000, 1_000_000)
        os.write(self._pipe, struct.pack("<IIII", seconds, us, len(frame), len(frame)) + frame)

    def log(self):
        return (self.folder / "log").read_text()

    def restart(self):
        self.end()
        self.start()

    def end(self):
        self._is_over.set()
        self._pulse.join()
        self._program.end()
        os.close(self._pipe)


class Shop:
    """A box, its corners, and a wire between them and it."""

    def __init__(self, folder):
        self.folder = folder
        self.data_dir = folder / "box"
        self.data_dir.mkdir()
        self._port = free_ports.find(1)[0]
        self.authority = Authority(self.data_dir / "sensors")
        self.wire = Wire(("127.0.0.1", self._port))
        self.corners = {}
        self.start_box()
        self.wait_for_box()

    def start_box(self):
        self._box = Program(self.data_dir, listen=f"127.0.0.1:{self._port}", write_every_s=1)

    def wait_for_box(self):
        def answers():
            with contextlib.suppress(OSError):
                socket.create_connection(self.wire.box).close()
                return True
            return False

        wait_for(answers, within_s=60)

    def kill_box(self):
        self._box.end()

    def corner(self, name):
        path = self.folder / f"{name}.pem"
        path.touch(0o600)
        path.write_bytes(self.authority.add(name, clock.now()))
        self.corners[name] = Corner(self.folder / name, self.wire.place, path)
        return self.corners[name]

    def rows(self, sql):
        """Of all day files, for midnight may pass meanwhile."""
        found = []
        folder = self.data_dir / "sightings"
        for day in sightings.days_in(folder):
            with (
                contextlib.suppress(sqlite3.OperationalError),
                sightings.reading(folder, day) as connection,
            ):
                found += connection.execute(sql).fetchall()
        return found

    def sightings(self):
        return self.rows("SELECT sensor, address FROM sightings ORDER BY rowid")

    def tally(self, name):
        return sum(value for each, value in self.rows("SELECT * FROM tallies") if each == name)

    def wait_for_tally(self, name, value=1):
        wait_for(lambda: self.tally(name) >= value, within_s=60)

    def end(self):
        for corner in self.corners.values():
            corner.end()
        self._box.end(signal.SIGTERM)
        self.wire.__exit__()


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    try:
        yield shop
    finally:
        shop.end()


def spellings(octets):
    yield octets
    yield octets.hex().encode()
    yield octets.hex(":").encode()
    yield octets.hex(":").upper().encode()
    yield base64.b64encode(octets)[:-2]


def test_two_corners_and_a_box_through_restarts_cuts_and_a_removal(shop):
    corner, window = shop.corner("corner"), shop.corner("window")

    at_us = time.time_ns() // 1000
    corner.hear(CANARY, 1, at_us)
    window.hear(CANARY, 1, at_us + 300)
    shop.wait_for_tally("duplicates")
    assert len(shop.sightings()) == 1, "the same frame is counted once"

    shop.wire.cut()
    corner.hear(CANARY, 2)
    wait_for(lambda: len(shop.sightings()) == 2)
    assert len({address for _, address in shop.sightings()}) == 1, "and is one phone"

    shop.kill_box()
    corner.hear(phone(2), 3)
    corner.hear(phone(3), 4)
    wait_for(lambda: "nothing reaches the box" in corner.log())
    shop.start_box()
    shop.wait_for_tally("source.corner.lost.key_gone", 2)
    corner.hear(CANARY, 5)
    wait_for(lambda: len(shop.sightings()) == 3)
    assert len({address for _, address in shop.sightings()}) == 2, "under another key"

    window.restart()
    window.hear(CANARY, 6)
    wait_for(lambda: len(shop.sightings()) == 4)
    assert len({address for _, address in shop.sightings()}) == 2, "under the same key"

    shop.authority.remove("window")
    window.hear(phone(4), 7)
    shop.wait_for_tally("refused.revoked")
    corner.hear(phone(5), 8)
    wait_for(lambda: len(shop.sightings()) == 5)
    assert [sensor for sensor, _ in shop.sightings()][-1] == "corner"

    assert_no_trace(shop)


def assert_no_trace(shop):
    wire = bytes(shop.wire.there + shop.wire.back)
    files = [path for path in shop.folder.rglob("*") if path.is_file()]
    assert {"log", "sensor-status.json"} <= {path.name for path in files}
    assert len(wire) > 1000
    for spelling in (*spellings(CANARY), *spellings(NETWORK), b"signal", b"corner"):
        assert spelling not in wire
    for spelling in (*spellings(CANARY), *spellings(NETWORK)):
        assert [path for path in files if spelling in path.read_bytes()] == []
    kept = [path.name for corner in shop.corners.values() for path in corner.folder.iterdir()]
    assert set(kept) == {"log", "pipe"}, "a corner keeps nothing"
