"""The `doorman` command. Each sub-command's module is loaded only when it is asked for.

So that the gate's process never holds pandas, and `doorman --help` answers at once.
"""

import importlib
import sys
from typing import Any

import click

from core.settings import SettingsError

_COMMANDS = {
    "access-log": (
        "appliance.access_log:access_log",
        "Prove that the log of who was online is whole; export from it.",
    ),
    "advertise": ("appliance.advertise:advertise", "Tell phones of the API, while it works."),
    "audit": ("appliance.audit:audit", "Prove that the log of who looked at what is whole."),
    "backup": (
        "appliance.backup:backup",
        "Make and restore copies of what the box knows, encrypted.",
    ),
    "certificate": ("appliance.certificate:certificate", "Put the portal's certificate in place."),
    "crm": ("appliance.crm:crm", "See how news for the CRM gets on; send again what it refused."),
    "dashboard": ("appliance.programs:dashboard", "Serve the store manager's pages."),
    "demo": ("appliance.demo.command:demo", "Run the whole appliance on this machine, for a look."),
    "doctor": (
        "appliance.doctor.command:doctor",
        "Check this machine and the settings; say how to mend.",
    ),
    "erasure": (
        "appliance.erasure:erasure",
        "Prove what is left of somebody who was erased.",
    ),
    "estimate": ("appliance.estimate:estimate", "Count the devices in a capture file."),
    "flows": (
        "appliance.flows:flows",
        "Log which connections phones make (needs CAP_NET_ADMIN); search that log.",
    ),
    "front": ("appliance.front:front", "Run the web server in front of the portal."),
    "gate": ("appliance.gate:gate", "Let phones through the firewall (needs CAP_NET_ADMIN)."),
    "headquarters": (
        "appliance.headquarters.command:headquarters",
        "See what headquarters has pushed; go back to what was before.",
    ),
    "health": ("appliance.health:health", "Say which programs of this box answer."),
    "hq": (
        "appliance.hq.command:hq",
        "Serve the chain's stores: logins by WeChat, what they send.",
    ),
    "jobs": ("appliance.jobs:jobs", "Run what runs by the clock: figures, CRM, retention."),
    "keys": ("appliance.keys:keys", "Seal personal fields with a new key; drop an old one."),
    "migrate": (
        "appliance.migration:migrate",
        "Bring the database to this version's form, or back to an older one's.",
    ),
    "portal": ("appliance.programs:portal", "Serve the shoppers' pages."),
    "radius": ("appliance.radius:radius", "Set up FreeRADIUS for gateways of other makers."),
    "report": ("appliance.report:report", "Print the traffic of any days."),
    "resolver": ("appliance.resolver:resolver", "Answer phones' questions for names before login."),
    "sensor": ("appliance.sensor:sensor", "Hear phones, from a radio or a capture file."),
    "settings": ("appliance.settings_check:check", "Check the settings; name what is wrong."),
    "simulate": ("appliance.simulate:simulate", "Invent a day at a shop: a capture and its truth."),
    "sensors": ("appliance.store_sensors:sensors", "Manage the store's other sensors."),
    "token": ("appliance.tokens:token", "Manage what programs read figures or metrics with."),
    "user": ("appliance.users:user", "Manage who may open the dashboard."),
}


class _LazyGroup(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute = _COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(_COMMANDS.items())])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="doorman")
def doorman() -> None:
    """In-store Wi-Fi appliance: captive portal, membership, foot traffic, CRM.

    To see all of it on this machine: doorman demo.
    Settings: docs/settings.md; what is wrong with them: doorman doctor.
    """


def main(arguments: list[str] | None = None) -> Any:
    """Run the command. A wrong setting ends it with status 2 and names the setting."""
    try:
        return doorman.main(arguments, prog_name="doorman")
    except SettingsError as error:
        click.echo(f"doorman: settings: {error}", err=True)
        sys.exit(2)
