"""`doorman hq token`: manages what programs read headquarters' metrics with."""

import click

from appliance import tokens
from appliance.hq import users


@click.group()
@click.pass_context
def token(context: click.Context) -> None:
    """Manage what programs read headquarters' metrics with: docs/metrics.md."""
    context.obj = users.database


for _command in (tokens.add, tokens.show, tokens.revoke):
    token.add_command(_command)
