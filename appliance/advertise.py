"""`doorman advertise`: tells phones where the Captive Portal API is, as long as it works."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from appliance import advertising
from core import settings
from core.settings import Settings
from portal.advertising import api_uri
from portal.advertising.api_uri import ApiUri, ApiUriError
from portal.advertising.dnsmasq import DhcpOptions
from portal.advertising.fault import Fault


@click.command()
def advertise() -> None:
    """Tell phones of the portal's API (DHCP, router advertisements) while it passes its test."""
    found = settings.load()
    try:
        api_uri.of_portal(found.portal.url)
    except ApiUriError as error:
        wanted = found.advertise
        DhcpOptions(Path(wanted.options_file), Path(wanted.dnsmasq_pid_file)).advertise(None)
        raise settings.SettingsError(f"portal.url: {error}") from error
    os.execv(sys.executable, _command(found))  # noqa: S606 - our own command line, no shell


def test_of(found: Settings, uri: ApiUri) -> Callable[[], Fault | None]:
    """As `appliance.advertising.test_of`, by the settings."""
    wanted = found.advertise
    interface = found.gate.shopper_interface
    return advertising.test_of(uri, wanted.addresses, interface, wanted.withdraw_hours)


def _command(found: Settings) -> list[str]:
    wanted = found.advertise
    return [
        *(sys.executable, "-I", "-m", "appliance.advertising"),
        f"--portal-url={found.portal.url}",
        f"--interface={found.gate.shopper_interface}",
        *(f"--address={address}" for address in wanted.addresses),
        *(["--by-router"] if wanted.by_router else []),
        f"--withdraw-hours={wanted.withdraw_hours}",
        f"--check-every-s={wanted.check_every_s}",
        f"--options-file={wanted.options_file}",
        f"--dnsmasq-pid-file={wanted.dnsmasq_pid_file}",
        f"--run-dir={found.run_dir}",
        f"--log-level={found.log_level}",
    ]
