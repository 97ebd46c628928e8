"""`doorman hq pages`: serves the fleet's pages, to the chain's managers and IT."""

import click

from appliance import web_server
from core import settings


@click.command()
def pages() -> None:
    """Serve the fleet's pages: figures, map and health of every store; and metrics.

    For the management side only, apart from what stores ask: docs/fleet-pages.md.
    """
    found = settings.load()
    pair = web_server.pair_of("hq.pages", found.hq.pages)
    web_server.become("appliance.hq.fleet:create()", found.hq.pages, found, pair=pair)
