"""`doorman user`: manages who may open the dashboard, and as what.

The same commands are there for the fleet's pages (`appliance.hq.users`): which database they
work on, the group that they are called in says by `context.obj`.
"""

import contextlib
import getpass
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import click

from analytics.dashboard import accounts, audit, second_factor
from appliance import store_database
from core import clock
from core.database import Database
from core.models.audit_entry import AuditEntry
from core.models.user import Role

_LONGEST_NAME = 64
_role = click.Choice([role.value for role in Role])
_from_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


@click.group()
@click.pass_context
def user(context: click.Context) -> None:
    """Manage who may open the dashboard.

    What each role may see and do: docs/dashboard.md.
    """
    context.obj = store_database.opened


@user.command()
@click.argument("name")
@click.option("--role", type=_role, help="What for. The first user of all is the manager.")
@_from_stdin
def add(name: str, role: str | None, password_stdin: bool) -> None:
    """Let NAME sign in. Asks for a password twice."""
    password = _password(password_stdin)
    with opened() as database:
        given = accounts.add(database, name, password, clock.now(), Role(role) if role else None)
        write_down(database, "add", name)
    click.echo(f"{name} may sign in now, as {given}")


@user.command("list")
def show() -> None:
    """Print everybody who may sign in: name, role, since when, with codes or not."""
    with opened() as database:
        for each in accounts.everybody(database):
            codes = "with codes" if each.totp_since else "password alone"
            click.echo(f"{each.name}\t{each.role}\t{each.created_at:%Y-%m-%d}\t{codes}")


@user.command()
@click.argument("name")
@click.argument("role", type=_role)
def role(name: str, role: str) -> None:
    """Give NAME another ROLE, and sign them out everywhere."""
    with opened() as database:
        accounts.set_role(database, name, Role(role))
        write_down(database, "role", name)
    click.echo(f"{name} is {role} now, and signed out everywhere")


@user.command()
@click.argument("name")
@_from_stdin
def password(name: str, password_stdin: bool) -> None:
    """Give NAME another password, and sign them out everywhere."""
    new = _password(password_stdin)
    with opened() as database:
        accounts.set_password(database, name, new)
        write_down(database, "password", name)
    click.echo(f"{name} has another password now, and is signed out everywhere")


@user.command()
@click.argument("name")
def remove(name: str) -> None:
    """Let NAME in no more."""
    with opened() as database:
        accounts.remove(database, name)
        write_down(database, "remove", name)
    click.echo(f"{name} is out")


@user.command("totp-off")
@click.argument("name")
def totp_off(name: str) -> None:
    """Ask NAME for no codes any more: the phone that showed them is lost."""
    with opened() as database:
        user_id = accounts.id_of(database, name)
        if user_id is None:
            raise accounts.UnknownUserError
        second_factor.take_off(database, user_id)
        write_down(database, "totp-off", name)
    click.echo(f"{name} signs in by password alone now")


@contextlib.contextmanager
def opened() -> Iterator[Database]:
    """The database whose users the present command is about; what goes wrong, in one line."""
    open_one: Callable[[], AbstractContextManager[Database]] = click.get_current_context().obj
    try:
        with open_one() as database:
            yield database
    except accounts.AccountError as error:
        raise click.ClickException(str(error)) from error


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def write_down(database: Database, action: str, name: str) -> None:
    """In the audit log."""
    entry = AuditEntry(at=clock.now(), user_name=caller(), action=f"user.{action}", about_user=name)
    audit.write(database, entry)


def caller() -> str:
    """Who types the present command; no user of the dashboard can have such a name."""
    return f"system:{os.environ.get('SUDO_USER') or getpass.getuser()}"[:_LONGEST_NAME]
