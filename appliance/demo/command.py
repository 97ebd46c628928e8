"""`doorman demo`: the whole appliance on this machine, without root and without any account."""

import dataclasses
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import click
import httpx

from appliance.demo import once as whole_way
from appliance.demo import plan as plans
from appliance.demo import run
from appliance.demo.chain import USER, Chain
from appliance.demo.processes import ProgramEndedError
from appliance.demo.shopper import ShopperError

_FAULTS = (plans.PortTakenError, ProgramEndedError, ShopperError, TimeoutError, httpx.HTTPError)

_GUIDE = """
Doorman is running on this machine. Ctrl-C stops it all.

  Join as a shopper       {portal}
                          any Chinese mobile number will do, such as 138 0013 8000
  Read your code          {fakes}/sms
  See yourself, and the   {dashboard}
  traffic being sensed    name {user}, password {password}
  See what the CRM got    {fakes}/crm
  See the whole chain     {fleet}
  of three stores         name {fleet_user}, password {fleet_password}

Yesterday is there already, and a made-up year before it; the phones of the last hours are
replayed within a minute, then those of right now. What the store tells goes to headquarters,
which hands it on to the CRM.
Nothing leaves this machine and no firewall is touched; all of it is forgotten at the end.
"""


_PORT = click.IntRange(1, 65535)


@click.command()
@click.option("--once", is_flag=True, help="Go the whole way by itself, print JSON, and end.")
@click.option("--portal-port", type=_PORT, default=8080, show_default=True, help="Of the portal.")
@click.option(
    "--dashboard-port", type=_PORT, default=8081, show_default=True, help="Of the dashboard."
)
@click.option(
    "--fakes-port",
    type=_PORT,
    default=8082,
    show_default=True,
    help="Of the made-up SMS carrier and CRM.",
)
@click.option("--hq-port", type=_PORT, default=8083, show_default=True, help="Of headquarters.")
@click.option(
    "--fleet-port", type=_PORT, default=8084, show_default=True, help="Of the fleet's pages."
)
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the generated capture is kept for the next start.",
)
def demo(
    *,
    once: bool,
    portal_port: int,
    dashboard_port: int,
    fakes_port: int,
    hq_port: int,
    fleet_port: int,
    cache: Path | None,
) -> None:
    """Run the whole appliance on this machine, without root and without any account.

    Portal, sensor, jobs and dashboard, beside a made-up SMS carrier, a made-up CRM and a
    gate that only records. The sensor hears a generated scene of a shop. Unless --once is given,
    headquarters of a chain runs as well, with two made-up stores beside this one.
    """
    started = time.monotonic()
    # Also where a shell has started us in the background, with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    ports = plans.Ports(portal_port, dashboard_port, fakes_port, hq_port, fleet_port)
    try:
        with tempfile.TemporaryDirectory(prefix="doorman-") as folder:
            scenes = cache or _cache_home()
            if once:
                _go_once(Path(folder), ports, scenes, started)
            else:
                _go_on(Path(folder), ports, scenes)
    except KeyboardInterrupt:
        click.echo("\nStopped.", err=True)
    except _FAULTS as fault:
        raise click.ClickException(str(fault)) from fault


def _go_once(folder: Path, ports: plans.Ports, scenes: Path, started: float) -> None:
    """One store by itself."""
    with run.appliance(plans.make(folder, ports, quick_jobs=True)) as running:
        outcome = whole_way.go(running, scenes, started)
        click.echo(json.dumps(dataclasses.asdict(outcome)))
        sys.exit(0 if outcome.ok else 1)


def _go_on(folder: Path, ports: plans.Ports, scenes: Path) -> None:
    """A store of a chain, until somebody ends it."""
    chain = Chain(folder, ports)
    with run.appliance(plans.make(folder, ports, line=chain.own_line)) as running:
        running.remember_a_year()
        running.join_chain(chain)
        running.sense_past_day(scenes)
        running.sense_today(scenes)
        running.start_jobs()
        _keep(running, chain)


def _keep(running: run.Running, chain: Chain) -> None:
    click.echo(
        _GUIDE.format(
            portal=running.plan.portal_url,
            fakes=running.plan.fakes_url,
            dashboard=running.plan.dashboard_url,
            user=run.USER,
            password=running.password,
            fleet=running.plan.fleet_url,
            fleet_user=USER,
            fleet_password=chain.password,
        )
    )
    while True:
        running.processes.check()
        time.sleep(1)


def _cache_home() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "doorman"
