"""`doorman sensors`: which other sensors may send to this box. And what makes them meet.

docs/remote-sensors.md says how it is done.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from appliance import thin_sensor
from core import clock, do_not_count, settings
from core.log import Log
from core.place import place_of
from core.pseudonym import DayKeys
from core.settings import Settings
from sniffer.outlet import Outlet
from sniffer.remote import bundle, lent
from sniffer.remote.authority import RENEW_BEFORE, Authority, AuthorityError
from sniffer.remote.loan import Loan
from sniffer.remote.sender import Sender
from sniffer.remote.server import Server
from sniffer.remote.spool import Spool
from sniffer.remote.store_keys import PeriodKeys
from sniffer.source import Source

_log = Log("sensor")


@click.group()
def sensors() -> None:
    """Manage the store's other sensors, which send to this box: docs/remote-sensors.md."""


sensors.add_command(thin_sensor.program)


@sensors.command()
@click.argument("name")
@click.argument("bundle_file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
def add(name: str, bundle_file: Path) -> None:
    """Let a sensor send under NAME, and write its bundle to FILE.

    Carry that file to the sensor's box, and delete it here: it is its only key. A sensor
    that had the name before is refused from now on.
    """
    found = settings.load()
    if name == found.sensor.id:
        raise click.ClickException(f"{name} is this box's own sensor (sensor.id): take another")
    try:
        # Before it is made: a name must not be taken away for a bundle that nobody gets.
        handle = os.open(bundle_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.ClickException(f"{bundle_file} cannot be made: {error.strerror}") from error
    with os.fdopen(handle, "wb") as file:
        try:
            file.write(authority_of(found).add(name, clock.now()))
        except AuthorityError as error:
            bundle_file.unlink()
            raise click.ClickException(str(error)) from error
    click.echo(f"{name} may send. Carry {bundle_file} to its box (sensor.bundle), delete it here")


@sensors.command("list")
def list_sensors() -> None:
    """Print who may send, and until when."""
    now = clock.now()
    for known in authority_of(settings.load()).known():
        old = now > known.certificate_ends_at - RENEW_BEFORE
        mark = "  doorman sensors add makes it a new bundle" if old else ""
        click.echo(f"{known.name:<20} until {known.certificate_ends_at:%Y-%m-%d}{mark}")


@sensors.command()
@click.argument("name")
def remove(name: str) -> None:
    """Refuse the sensor NAME from its next word on."""
    try:
        authority_of(settings.load()).remove(name)
    except AuthorityError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name} may no longer send")


def authority_of(found: Settings) -> Authority:
    return Authority(found.data_dir / "sensors")


class Joined(NamedTuple):
    """What comes of having more than one sensor in a store."""

    sources: Sequence[Source] = ()
    """To be taken from beside the sensor's own radios."""
    lent: Outlet | None = None
    """What the box lends to a sensor that sends there; None: this is the box."""
    wait: Callable[[Callable[[], bool]], None] = lambda _: None
    """Waits until something can be kept, or until what it is given says that all is over."""


@contextlib.contextmanager
def joined(found: Settings, keys: DayKeys) -> Iterator[Joined]:
    """Takes from other sensors, or sends to the box, as the settings say.

    Raises:
        BundleError: sensor.bundle cannot be used.
        ServerError: sensor.listen is no address to listen on.
        AuthorityError: the folder of certificates cannot be used.
    """
    if found.sensor.send_to:
        loan = Loan()
        spool = Spool(loan)
        whose = bundle.read(Path(found.sensor.bundle))
        sender = Sender(place_of(found.sensor.send_to), whose, loan, spool)
        with contextlib.closing(sender):
            yield Joined([sender], lent.of_store(loan, spool, whose.name), sender.wait_for_key)
    elif found.sensor.listen:
        strict = found.sensor.strict
        server = Server(
            place_of(found.sensor.listen),
            authority_of(found),
            PeriodKeys(keys, found.store.zone, is_strict=strict),
            _LeaveOut(found.data_dir).text,
            found.sensor.clock_limit_s,
        )
        with contextlib.closing(server):
            yield Joined([server])
    else:
        yield Joined()


class _LeaveOut:
    """The box's do-not-count list, for other sensors; as it was, if it turns unreadable."""

    def __init__(self, data_dir: Path) -> None:
        self._path = do_not_count.path_of(data_dir)
        self._text = ""

    def text(self) -> str:
        try:
            self._text = self._path.read_text("ascii")
        except FileNotFoundError:
            self._text = ""
        except (OSError, ValueError):
            _log.exception("do-not-count list unreadable")
        return self._text
