"""`doorman audit`: proves that the audit log is whole.

The same commands are there for headquarters' own (`doorman hq audit`): which one they are about,
the group that they are called in says by `context.obj`.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

import click

from access_log import audit_verification
from access_log.anchoring import Anchor
from appliance import store_database
from core import clock, secret_file, settings
from core.database import Database

_TROUBLED = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """An audit log, and where it is known to have stood."""

    database: Database
    anchors: Sequence[Anchor] = ()


ANCHORS = click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="NUMBER:HASH",
    help="What somebody else has kept of it. May be given several times.",
)


@click.group()
@click.pass_context
def audit(context: click.Context) -> None:
    """The log of who looked at personal data or changed something: docs/dashboard.md."""
    context.obj = _of_store


@audit.command()
@ANCHORS
def verify(anchors: tuple[str, ...]) -> None:
    """Go through the whole log; name the first entry that is not as it was written."""
    kept = [anchor(text) for text in anchors]
    with _opened() as found:
        verdict = audit_verification.verify(found.database, clock.now(), [*found.anchors, *kept])
    if verdict.chained_later:
        click.echo(f"1 to {verdict.chained_later} are older than the chain: as they were then")
    gone = f", {verdict.forgotten} deleted in due time" if verdict.forgotten else ""
    held = f", {len(found.anchors)} times as the access log has it" if found.anchors else ""
    if verdict.fault is None:
        click.echo(f"whole: {verdict.entries} entries{gone}{held}")
        if verdict.number:
            click.echo(f"head {Anchor(verdict.number, verdict.hash)}")
        return
    click.echo(f"right as far as entry {verdict.number}: {verdict.entries} entries{gone}")
    click.echo(f"entry {verdict.at}: {verdict.fault.replace('_', ' ')}", err=True)
    raise SystemExit(_TROUBLED)


@audit.command()
def head() -> None:
    """Print where the chain stands, for somebody to keep: NUMBER:HASH."""
    with _opened() as found:
        stands = audit_verification.head(found.database)
    click.echo(stands or "the log is empty")


def anchor(text: str) -> Anchor:
    """What somebody typed as one."""
    try:
        return Anchor.parse(text)
    except ValueError as error:
        raise click.UsageError(f"--anchor: {error}") from error


@contextlib.contextmanager
def _opened() -> Iterator[Kept]:
    open_one: Callable[[], AbstractContextManager[Kept]] = click.get_current_context().obj
    with open_one() as kept:
        yield kept


@contextlib.contextmanager
def _of_store() -> Iterator[Kept]:
    with store_database.opened() as database:
        sealer = secret_file.open_sealer(settings.load().data_dir)
        yield Kept(database, audit_verification.written_down(database, sealer))
