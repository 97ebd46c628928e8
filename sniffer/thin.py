"""The sensor alone, on a machine that has Python and nothing else, such as an OpenWrt router.

    python3 doorman-sensor.pyz --send-to 192.168.2.1:8444 --bundle corner.pem mon0="fixed 1"

Hears, makes pseudonyms with the key that the store's box lends, and sends them there; keeps
nothing. `doorman sensors program` writes it as one file. Standard library only.
"""

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from core import log
from core.log import Log
from core.place import place_of
from sniffer import process_memory
from sniffer.capture import receive_only
from sniffer.capture.listener import Listener
from sniffer.capture.packet_ring import CaptureError
from sniffer.intake import Intake
from sniffer.radio.plans import Plan, PlanError
from sniffer.radio.tuner import Tuner
from sniffer.remote import bundle, lent
from sniffer.remote.bundle import BundleError
from sniffer.remote.loan import Loan
from sniffer.remote.sender import Sender
from sniffer.remote.spool import Spool
from sniffer.sensor import Sensor
from sniffer.source import Source

_log = Log("sensor")


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0 if told to stop, 1 if it cannot begin, 2 for a wrong command line."""
    chosen = wanted(arguments)
    process_memory.overwrite_what_is_freed()
    log.configure(chosen.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        process_memory.forbid_dumps()
        if not process_memory.forbid_swapping():
            _log.info("memory may be swapped out", mend="no swap on this machine")
        _run(chosen, stop)
    except (BundleError, CaptureError, PlanError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def wanted(arguments: list[str] | None) -> argparse.Namespace:
    """What the command line says; ends the program if it makes no sense."""
    parser = argparse.ArgumentParser("doorman-sensor", description="Hears; sends to the box.")
    parser.add_argument(
        "--send-to", type=place_of, required=True, metavar="ADDRESS:PORT", help="the store's box"
    )
    parser.add_argument(
        "--bundle", type=Path, required=True, metavar="FILE", help="from: doorman sensors add"
    )
    parser.add_argument(
        "--hop-every", type=_between(2, 300), default=10, metavar="S", help="2 to 300 seconds; 10"
    )
    parser.add_argument(
        "--silent-after",
        type=_between(5, 3600),
        default=60,
        metavar="S",
        help="5 to 3600 seconds; 60",
    )
    parser.add_argument(
        "--log-level", choices=("debug", "info", "warning", "error"), default="info"
    )
    parser.add_argument(
        "interfaces",
        nargs="+",
        metavar="INTERFACE[=PLAN]",
        help='mon0, or mon0="fixed 1", mon0="slow 1 6 11", mon0="weighted 1 6 11"',
    )
    return parser.parse_args(arguments)


def _between(least: float, most: float) -> Callable[[str], float]:
    """As the settings `sensor.hop_every_s` and `sensor.silent_after_s` of a box."""

    def seconds(written: str) -> float:
        value = float(written)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{least:g} to {most:g}, not {written}")
        return value

    return seconds


def _run(chosen: argparse.Namespace, stop: threading.Event) -> None:
    # Before there are other threads, to which it would not apply.
    if not receive_only.enforce():
        _log.info("the kernel does not refuse sending on this machine")
    loan = Loan()
    spool = Spool(loan)
    whose = bundle.read(chosen.bundle)
    with (
        contextlib.closing(Sender(chosen.send_to, whose, loan, spool)) as sender,
        _listeners(chosen) as listeners,
        Intake([*listeners, sender]) as intake,
    ):
        Sensor(lent.of_store(loan, spool, whose.name), is_brief=True).run(intake, stop.is_set)


@contextlib.contextmanager
def _listeners(chosen: argparse.Namespace) -> Iterator[list[Source]]:
    with contextlib.ExitStack() as stack:
        found: list[Source] = []
        for each in chosen.interfaces:
            name, _, written = each.partition("=")
            tuner = None
            if written:
                plan = Plan.read(written, chosen.hop_every)
                tuner = stack.enter_context(Tuner(name, plan))
            found.append(Listener(name, silent_after_s=chosen.silent_after, tuner=tuner))
        yield found


if __name__ == "__main__":
    sys.exit(main())
