"""The process that keeps the flow log: `python -I -m access_log.flows --folder=…`.

`doorman flows` starts it by the settings. A process of its own, since reading settings leaves
twice as much in memory as all of this, and it stays for months.
"""

import argparse
import signal
import sys
import threading
import time
from pathlib import Path

from access_log.flows import files, kernel, key_file
from access_log.flows.bounds import Bounds
from access_log.flows.journal import Journal, JournalError
from access_log.flows.kernel import Listener
from access_log.flows.key_file import FlowKeyError
from access_log.flows.recorder import Recorder
from access_log.flows.rtnetlink import IpNetwork, Neighbour
from core import clock, log, spare_memory
from core.sign_of_life import SignOfLife
from gate.systemd import ServiceManager

_log = log.Log("flows")

# Messages that are handed over at once: 3 MB of memory in a burst.
_AT_ONCE = 8192


def main() -> int:
    wanted = _arguments()
    log.configure(wanted.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if not kernel.tells():
        return _refused(
            "the kernel tells of no connections: modprobe nf_conntrack_netlink, and"
            " sysctl net.netfilter.nf_conntrack_events=2"
        )
    try:
        listener = Listener(wanted.buffer_bytes, _AT_ONCE)
    except OSError as error:
        return _refused(
            f"the kernel does not tell of connections ({error.strerror}): it takes CAP_NET_ADMIN"
            " and the module nf_conntrack_netlink"
        )
    try:
        with listener:
            _keep(wanted, listener, stop)
    except (FlowKeyError, JournalError) as error:
        return _refused(str(error))
    return 0


def _keep(wanted: argparse.Namespace, listener: Listener, stop: threading.Event) -> None:
    has_log = bool(files.listed(wanted.folder))
    keys = key_file.load_or_create(wanted.key_file, has_log=has_log)
    limits = Bounds(wanted.days, wanted.most_bytes)
    manager, sign = ServiceManager(), SignOfLife(wanted.run_dir, "flows")
    spare_memory.take_turns()
    spare_memory.give_back()
    with Journal(wanted.folder, keys, limits, clock.now()) as journal:
        recorder = Recorder(
            listener,
            _ShopperNetwork(wanted.interface),
            journal,
            block_s=wanted.block_s,
            now=clock.now,
            monotonic=time.monotonic,
        )
        room = _Room(journal, limits.days)
        while not stop.is_set():
            recorder.turn()
            manager.serving()
            manager.say(recorder.trouble or room.shortness() or "keeps flows")
            sign.give(recorder.trouble)
        manager.stopping()
        recorder.close()
        journal.end(clock.now())
    sign.end()


class _Room:
    """Tells before anything has to end too soon."""

    def __init__(self, journal: Journal, days: int) -> None:
        self._journal, self._days = journal, days
        self._told = ""

    def shortness(self) -> str:
        found = self._journal.days_of_room
        if found is None or found >= self._days:
            return ""
        words = f"room for {found:.0f} of {self._days} days: raise flows.most_mib"
        if words != self._told:
            self._told = words
            _log.warning(words)
        return words


class _ShopperNetwork:
    def __init__(self, interface: str) -> None:
        self._interface = interface

    def neighbours(self) -> list[Neighbour]:
        return kernel.neighbours(self._interface)

    def networks(self) -> list[IpNetwork]:
        return kernel.networks(self._interface)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="flows", description="Keeps the log of connections.")
    for name in ("folder", "key-file", "run-dir"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--interface", required=True, help="of the shoppers")
    for name in ("days", "most-bytes", "buffer-bytes"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--block-s", type=float, required=True)
    parser.add_argument("--log-level", default="info")
    return parser.parse_args()


def _refused(why: str) -> int:
    sys.stderr.write(f"doorman flows: {why}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
