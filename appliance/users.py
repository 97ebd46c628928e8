"""`doorman user`: manages who may open the dashboard."""

import sys

import click
import sqlalchemy as sa

from analytics.dashboard import accounts
from core import clock, settings
from core import database as databases


@click.group()
def user() -> None:
    """Manage who may open the dashboard."""


@user.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(name: str, password_stdin: bool) -> None:
    """Let NAME sign in. Asks for a password twice."""
    found = settings.load()
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    database = databases.open_database(found)
    try:
        accounts.add(database, name, password, clock.now())
    except accounts.AccountError as error:
        raise click.ClickException(str(error)) from error
    except sa.exc.DatabaseError as error:
        raise click.ClickException(
            "the database cannot be written: doorman migrate, then doorman doctor"
        ) from error
    finally:
        database.dispose()
    click.echo(f"{name} may sign in now")
