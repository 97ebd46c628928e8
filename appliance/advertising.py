"""Tells phones of the API as long as it works: what `doorman advertise` becomes.

A process without the settings' library, which takes as much memory again as all of this.
"""

import argparse
import contextlib
import datetime as dt
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core import clock, log
from core.sign_of_life import SignOfLife
from gate.systemd import ServiceManager
from gate.vital_signs import Loops
from portal.advertising import api_uri, own_addresses, self_test
from portal.advertising.advertiser import Advertiser, Way
from portal.advertising.api_uri import ApiUri
from portal.advertising.dnsmasq import DhcpOptions
from portal.advertising.fault import Fault, UnfitError
from portal.advertising.router import RouterAdvertiser, RouterError


def main() -> int:
    wanted = _arguments()
    log.configure(wanted.log_level)
    stop_event = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop_event.set())
    try:
        _run(wanted, stop_event)
    except RouterError as error:
        sys.stderr.write(f"doorman advertise: {error}\n")
        return 1
    return 0


def test_of(
    uri: ApiUri, addresses: Sequence[str], interface: str, withdraw_hours: int
) -> Callable[[], Fault | None]:
    """What says why phones must not be told of the API; None if they may.

    Args:
        uri: what they would be told.
        addresses: at which it is tested; empty: those of `interface`.
        interface: the shoppers'.
        withdraw_hours: how long the certificate has to hold at least.
    """
    margin = dt.timedelta(hours=withdraw_hours)

    def test() -> Fault | None:
        tested = addresses or own_addresses.of_interface(interface)
        try:
            for address in tested:
                self_test.examine(uri, address, clock.now(), margin)
        except UnfitError as error:
            return error.fault
        return None if tested else Fault.NO_ADDRESS

    return test


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="advertise", description="Tells phones of the API.")
    parser.add_argument("--portal-url", required=True)
    parser.add_argument("--interface", required=True)
    parser.add_argument("--address", action="append", default=[])
    parser.add_argument("--by-router", action="store_true")
    parser.add_argument("--withdraw-hours", type=int, required=True)
    parser.add_argument("--check-every-s", type=int, required=True)
    parser.add_argument("--options-file", type=Path, required=True)
    parser.add_argument("--dnsmasq-pid-file", type=Path, required=True)
    parser.add_argument("--run-dir", type=Path, required=True)
    parser.add_argument("--log-level", default="info")
    return parser.parse_args()


def _run(wanted: argparse.Namespace, stop_event: threading.Event) -> None:
    uri = api_uri.of_portal(wanted.portal_url)
    ways: list[Way] = [DhcpOptions(wanted.options_file, wanted.dnsmasq_pid_file)]
    manager, sign = ServiceManager(), SignOfLife(wanted.run_dir, "advertise")

    def live() -> None:
        manager.serving()
        sign.give()

    loops = Loops(["test", "router"] if wanted.by_router else ["test"], live)
    with contextlib.ExitStack() as closing:
        if wanted.by_router:
            router = closing.enter_context(RouterAdvertiser(wanted.interface))
            ways.append(router)
            closing.enter_context(_serving(router, stop_event, loops.of("router")))
        test = test_of(uri, wanted.address, wanted.interface, wanted.withdraw_hours)
        advertiser = Advertiser(uri.text, test, ways, wanted.check_every_s)
        advertiser.run(stop_event, loops.of("test"))
        manager.stopping()
        sign.end()


@contextlib.contextmanager
def _serving(
    router: RouterAdvertiser, stop_event: threading.Event, on_turn: Callable[[], None]
) -> Iterator[None]:
    """In a thread of its own, since a test may take seconds. Its end ends the program."""
    failures: list[RouterError] = []

    def serve() -> None:
        try:
            router.serve(stop_event, on_turn)
        except RouterError as error:
            failures.append(error)
            stop_event.set()

    thread = threading.Thread(target=serve, name="router")
    thread.start()
    try:
        yield
    finally:
        stop_event.set()
        thread.join()
    if failures:
        raise failures[0]


if __name__ == "__main__":
    sys.exit(main())
