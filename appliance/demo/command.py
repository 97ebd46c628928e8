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

Yesterday is there already, and a made-up year before it; the phones of the last hours are
replayed within a minute, then those of right now.
Nothing leaves this machine and no firewall is touched; all of it is forgotten at the end.
"""


@click.command()
@click.option("--once", is_flag=True, help="Go the whole way by itself, print JSON, and end.")
@click.option("--portal-port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option("--dashboard-port", default=8081, show_default=True, type=click.IntRange(1, 65535))
@click.option("--fakes-port", default=8082, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the generated capture is kept for the next start.",
)
def demo(
    *, once: bool, portal_port: int, dashboard_port: int, fakes_port: int, cache: Path | None
) -> None:
    """Run the whole appliance on this machine, without root and without any account.

    Portal, sensor, jobs and dashboard, beside a made-up SMS carrier, a made-up CRM and a
    gate that only records. The sensor hears a generated scene of a shop.
    """
    started = time.monotonic()
    # Also where a shell has started us in the background, with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    ports = plans.Ports(portal_port, dashboard_port, fakes_port)
    try:
        with tempfile.TemporaryDirectory(prefix="doorman-") as folder:
            plan = plans.make(Path(folder), ports, quick_jobs=once)
            with run.appliance(plan) as running:
                scenes = cache or _cache_home()
                if once:
                    outcome = whole_way.go(running, scenes, started)
                    click.echo(json.dumps(dataclasses.asdict(outcome)))
                    sys.exit(0 if outcome.ok else 1)
                running.remember_a_year()
                running.sense_past_day(scenes)
                running.sense_today(scenes)
                running.start_jobs()
                _keep(running)
    except KeyboardInterrupt:
        click.echo("\nStopped.", err=True)
    except _FAULTS as fault:
        raise click.ClickException(str(fault)) from fault


def _keep(running: run.Running) -> None:
    click.echo(
        _GUIDE.format(
            portal=running.plan.portal_url,
            fakes=running.plan.fakes_url,
            dashboard=running.plan.dashboard_url,
            user=run.USER,
            password=running.password,
        )
    )
    while True:
        running.processes.check()
        time.sleep(1)


def _cache_home() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "doorman"
