"""`doorman hq audit`: proves that headquarters' own audit log is whole."""

import contextlib
from collections.abc import Iterator

import click

from appliance import audit as commands
from appliance.audit import Kept
from appliance.hq.database import opened
from core import settings


@click.group()
@click.pass_context
def audit(context: click.Context) -> None:
    """The log of who did what in the fleet's pages.

    Headquarters has no access log that would say where it stood: keep what the jobs' log says
    each day (`the audit log stands at`), or `doorman hq audit head`, and give it to verify.
    """
    context.obj = _kept


for _command in (commands.verify, commands.head):
    audit.add_command(_command)


@contextlib.contextmanager
def _kept() -> Iterator[Kept]:
    with opened(settings.load()) as (found, _sealer):
        yield Kept(found)
