import errno
import ipaddress

import numpy as np
import pytest

from access_log.flows import chain, files, table
from access_log.flows.blocks import Keys
from access_log.flows.bounds import Bounds
from access_log.flows.journal import Journal
from access_log.flows.phones import mark_of
from access_log.flows.recorder import Recorder
from access_log.flows.records import Event
from access_log.flows.rtnetlink import Neighbour
from core.mac import Mac
from tests import log_lines
from tests.connections import PHONE, told

KEYS = Keys([bytes(32)])
MAC = Mac.parse("02:00:00:00:00:01")
NETWORK = ipaddress.ip_network("192.168.50.0/24")


class Kernel:
    """Says what it was told to, once."""

    def __init__(self):
        self.next, self.dropped = [], 0
        self.there, self.has_address = [], True
        self.begun = []

    def collect(self, _seconds):
        told_now, self.next = self.next, []
        return told_now

    def running(self):
        yield self.begun

    def lost(self):
        dropped, self.dropped = self.dropped, 0
        return dropped

    def neighbours(self):
        return self.there

    def networks(self):
        if not self.has_address:
            raise OSError(errno.ENODEV, "no such interface")
        return [NETWORK]


class Clock:
    seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def kernel():
    return Kernel()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def journal(tmp_path, now):
    with Journal(tmp_path, KEYS, Bounds(190, 1 << 30), now) as journal:
        yield journal


@pytest.fixture
def recorder(kernel, clock, journal, now):
    with log_lines.written():
        recorder = Recorder(kernel, kernel, journal, block_s=60, now=lambda: now, monotonic=clock)
        yield recorder
        recorder.close()


def written(folder):
    verdict = chain.verify(folder, KEYS)
    assert verdict.is_whole
    return verdict.rows


def waiting(recorder):
    return np.frombuffer(bytes(recorder._waiting), table.ROW)


def test_a_block_is_written_when_it_is_due(recorder, kernel, clock, tmp_path):
    kernel.next = [told(port=1), told(port=2)]
    recorder.turn()
    assert written(tmp_path) == 0
    clock.seconds += 61
    kernel.next = [told(port=3)]
    recorder.turn()
    recorder.close()

    assert (written(tmp_path), recorder.rows, recorder.trouble) == (3, 3, "")


def test_what_runs_already_is_taken_once(recorder, kernel, clock, tmp_path):
    kernel.begun = [told(port=1), told(port=2, answers="192.168.50.1")]
    kernel.has_address = False
    recorder.turn()
    kernel.has_address = True
    for _ in range(3):
        clock.seconds += 6
        recorder.turn()

    [row] = waiting(recorder)
    assert (row["source_port"], row["event"]) == (1, Event.RUNNING)


def test_what_waits_at_the_end_is_written(recorder, kernel, tmp_path):
    kernel.next = [told()]
    recorder.turn()
    recorder.close()

    assert written(tmp_path) == 1


def test_a_phone_that_has_just_come_is_asked_for(recorder, kernel, clock, tmp_path, now):
    recorder.turn()
    clock.seconds += 2
    kernel.there = [Neighbour(ipaddress.ip_address(PHONE), MAC)]
    kernel.next = [told(), told(port=7, mark=mark_of(MAC))]
    recorder.turn()

    assert {row["phone"].tobytes() for row in waiting(recorder)} == {MAC.octets}


def test_a_phone_that_was_too_new_is_named_when_it_is_written(recorder, kernel, tmp_path):
    kernel.next = [told()]
    recorder.turn()
    kernel.there = [Neighbour(ipaddress.ip_address(PHONE), MAC)]
    recorder.close()

    [hour_file] = files.listed(tmp_path)
    *_, last = files.headers(hour_file.path)
    assert chain.rows_of(hour_file, last, KEYS)["phone"][0].tobytes() == MAC.octets


def test_what_the_kernel_had_no_room_for_is_counted_in_the_log(recorder, kernel, tmp_path):
    kernel.next, kernel.dropped = [told(), b"nothing"], 5
    recorder.turn()
    recorder.close()

    assert (recorder.lost, chain.verify(tmp_path, KEYS).lost) == (6, 6)


def test_an_interface_without_an_address_is_looked_for_again(recorder, kernel, clock, tmp_path):
    kernel.has_address = False
    kernel.next = [told()]
    recorder.turn()
    assert "no address" in recorder.trouble
    kernel.has_address = True
    clock.seconds += 6
    kernel.next = [told()]
    recorder.turn()
    assert recorder.trouble == ""
    # Gone for a moment: its network is as it was.
    kernel.has_address = False
    clock.seconds += 61
    kernel.next = [told()]
    recorder.turn()
    recorder.close()

    assert written(tmp_path) == 2


class Full:
    """A disk without room, until it has some."""

    def __init__(self, journal):
        self._journal = journal
        self.is_full = True

    def append(self, rows, lost, now):
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._journal.append(rows, lost, now)


def test_what_finds_no_room_waits_for_it(kernel, clock, journal, now, tmp_path):
    disk = Full(journal)
    with log_lines.written() as lines:
        recorder = Recorder(kernel, kernel, disk, block_s=60, now=lambda: now, monotonic=clock)
        for _ in range(3):
            kernel.next, kernel.dropped = [told()], 1
            recorder.turn()
            clock.seconds += 61
        recorder._settle(wait=True)
        assert "No space" in recorder.trouble
        disk.is_full = False
        recorder.close()

    assert chain.verify(tmp_path, KEYS).lost == 3
    assert (written(tmp_path), recorder.trouble) == (3, "")
    assert [line["level"] for line in lines()].count("error") == 1


def test_memory_for_what_waits_has_a_bound(kernel, clock, journal, now, monkeypatch):
    monkeypatch.setattr("access_log.flows.recorder._MOST_WAITING", 10)
    disk = Full(journal)
    with log_lines.written():
        recorder = Recorder(kernel, kernel, disk, block_s=60, now=lambda: now, monotonic=clock)
        for number in range(20):
            kernel.next = [told(port=number + 1)]
            recorder.turn()

    assert (recorder._count, recorder.lost) == (10, 10)
    assert list(waiting(recorder)["source_port"]) == list(range(11, 21))
    recorder._writer.shutdown()
