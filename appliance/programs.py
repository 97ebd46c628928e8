"""Sub-commands that start one of the appliance's programs."""

import click

from appliance import web_server
from core import settings
from core.setting_groups.front import FrontServer


@click.command()
def portal() -> None:
    """Serve the shoppers' pages."""
    found = settings.load()
    behind_front = found.front.server is FrontServer.NGINX
    socket_path = found.portal_socket if behind_front else None
    web_server.become("appliance.serving:portal()", found.portal, found, socket_path)


@click.command()
def dashboard() -> None:
    """Serve the store manager's pages."""
    found = settings.load()
    pair = web_server.pair_of("dashboard", found.dashboard)
    web_server.become("appliance.serving:dashboard()", found.dashboard, found, pair=pair)
