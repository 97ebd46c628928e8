"""`doorman advertise`: tells phones where the Captive Portal API is, as long as it works."""

import contextlib
import datetime as dt
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from core import clock, log, settings
from core.settings import Settings
from core.sign_of_life import SignOfLife
from gate.systemd import ServiceManager
from gate.vital_signs import Loops
from portal.advertising import api_uri, own_addresses, self_test
from portal.advertising.advertiser import Advertiser, Way
from portal.advertising.api_uri import ApiUri, ApiUriError
from portal.advertising.dnsmasq import DhcpOptions
from portal.advertising.fault import Fault, UnfitError
from portal.advertising.router import RouterAdvertiser, RouterError


@click.command()
def advertise() -> None:
    """Tell phones of the portal's API (DHCP, router advertisements) while it passes its test."""
    found = settings.load()
    log.configure(found.log_level)
    dhcp = DhcpOptions(Path(found.advertise.options_file), Path(found.advertise.dnsmasq_pid_file))
    try:
        uri = api_uri.of_portal(found.portal.url)
    except ApiUriError as error:
        dhcp.advertise(None)
        raise settings.SettingsError(f"portal.url: {error}") from error
    stop_event = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop_event.set())
    try:
        _run(found, uri, dhcp, stop_event)
    except RouterError as error:
        raise click.ClickException(str(error)) from error


def test_of(found: Settings, uri: ApiUri) -> Callable[[], Fault | None]:
    """What says why phones must not be told of the API; None if they may."""
    margin = dt.timedelta(hours=found.advertise.withdraw_hours)

    def test() -> Fault | None:
        addresses = found.advertise.addresses or own_addresses.of_interface(
            found.gate.shopper_interface
        )
        try:
            for address in addresses:
                self_test.examine(uri, address, clock.now(), margin)
        except UnfitError as error:
            return error.fault
        return None if addresses else Fault.NO_ADDRESS

    return test


def _run(found: Settings, uri: ApiUri, dhcp: DhcpOptions, stop_event: threading.Event) -> None:
    ways: list[Way] = [dhcp]
    manager, sign = ServiceManager(), SignOfLife(found.run_dir, "advertise")

    def live() -> None:
        manager.serving()
        sign.give()

    loops = Loops(["test", "router"] if found.advertise.by_router else ["test"], live)
    with contextlib.ExitStack() as closing:
        if found.advertise.by_router:
            router = closing.enter_context(RouterAdvertiser(found.gate.shopper_interface))
            ways.append(router)
            closing.enter_context(_serving(router, stop_event, loops.of("router")))
        test = test_of(found, uri)
        advertiser = Advertiser(uri.text, test, ways, found.advertise.check_every_s)
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
