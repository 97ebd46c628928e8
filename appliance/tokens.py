"""`doorman token`: manages what programs read figures or metrics with.

The same commands are there for headquarters (`doorman hq token`): which database they work on,
the group that they are called in says by `context.obj`.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import click

from analytics.api import tokens
from analytics.dashboard import audit
from appliance import store_database, users
from core import clock, secret_file, settings
from core.database import Database
from core.models.api_token import Scope
from core.models.audit_entry import AuditEntry


@click.group()
@click.pass_context
def token(context: click.Context) -> None:
    """Manage what programs read figures or metrics with.

    Figures: docs/api.md. Metrics: docs/metrics.md.
    """
    context.obj = store_database.opened


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice([scope.value for scope in Scope]),
    default=Scope.METRICS.value,
    show_default=True,
    help="What it opens.",
)
@click.option(
    "--days",
    type=click.Choice([str(days) for days in tokens.VALID_DAYS]),
    default=str(tokens.VALID_DAYS[-1]),
    show_default=True,
    help="How long it is valid.",
)
@click.option(
    "--from-stdin",
    is_flag=True,
    help="Take this token, made elsewhere, so that many stores have the same.",
)
def add(name: str, scope: str, days: str, from_stdin: bool) -> None:
    """Print a new token for the program NAME. It is shown this once."""
    sealer = secret_file.open_sealer(settings.load().data_dir)
    given = sys.stdin.readline().strip() if from_stdin else None
    with _opened() as database:
        try:
            made = tokens.make(
                database, sealer, name, int(days), clock.now(), scope=Scope(scope), token=given
            )
        except ValueError as error:
            raise click.ClickException(str(error)) from error
        _write_down(database, "make")
    if given is None:
        click.echo(made)


@token.command("list")
def show() -> None:
    """Print all tokens: number, name, what it opens, until when, last used."""
    with _opened() as database:
        for each in tokens.everyone(database):
            used = each.used_on.isoformat() if each.used_on else "never"
            until = f"{each.expires_at:%Y-%m-%d}"
            click.echo(f"{each.id}\t{each.name}\t{each.scope}\tuntil {until}\tused {used}")


@token.command()
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """Let the program with token NUMBER read no more."""
    with _opened() as database:
        if not tokens.revoke(database, number):
            raise click.ClickException(f"there is no token {number}: doorman token list")
        _write_down(database, "revoke", number)
    click.echo(f"token {number} opens nothing any more")


@contextlib.contextmanager
def _opened() -> Iterator[Database]:
    """The database whose tokens the present command is about."""
    open_one: Callable[[], AbstractContextManager[Database]] = click.get_current_context().obj
    with open_one() as database:
        yield database


def _write_down(database: Database, action: str, number: int | None = None) -> None:
    entry = AuditEntry(
        at=clock.now(), user_name=users.caller(), action=f"tokens.{action}", number=number
    )
    audit.write(database, entry)
