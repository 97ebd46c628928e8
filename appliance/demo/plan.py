"""What the demo runs, where each part listens, and with which settings."""

import dataclasses
import errno
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from core import webhook_signature
from core.setting_sources import CONFIG_VARIABLE

HOST = "127.0.0.1"


class PortTakenError(Exception):
    """Something listens already where the demo wants to; the message says which and what to do."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ports:
    """Where the demo's pages are, all on the loopback address."""

    portal: int
    dashboard: int
    fakes: int
    hq: int
    """Where stores ask headquarters."""
    fleet: int
    """Where headquarters' own pages are."""

    def check(self, *names: str) -> None:
        """Raise PortTakenError if one of these cannot be had."""
        for name in names:
            port = getattr(self, name)
            with socket.socket() as probe:
                # As gunicorn does: a port whose last connection still lingers is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError as error:
                    if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                        raise
                    raise PortTakenError(
                        f"port {port} ({name}) is taken or not allowed: stop what uses it,"
                        f" or choose another with --{name}-port"
                    ) from error


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A store's line to the demo's headquarters."""

    url: str
    key: str
    public_key: str

    def settings(self) -> dict[str, str]:
        return {
            "CRM__KIND": "headquarters",
            "HEADQUARTERS__URL": self.url,
            "HEADQUARTERS__KEY": self.key,
            "HEADQUARTERS__PUBLIC_KEY": self.public_key,
            "HEADQUARTERS__REPORT_EVERY_S": "10",
        }


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """One run of the demo."""

    folder: Path
    ports: Ports
    environment: Mapping[str, str]
    """Of all programs: the settings, with secrets made for this run."""

    @property
    def portal_url(self) -> str:
        return f"http://{HOST}:{self.ports.portal}"

    @property
    def dashboard_url(self) -> str:
        return f"http://{HOST}:{self.ports.dashboard}"

    @property
    def fakes_url(self) -> str:
        return f"http://{HOST}:{self.ports.fakes}"

    @property
    def fleet_url(self) -> str:
        return f"http://{HOST}:{self.ports.fleet}"


def make(folder: Path, ports: Ports, *, quick_jobs: bool = False, line: Line | None = None) -> Plan:
    """Plan a run in `folder`, whose path must be short enough for a Unix socket.

    Args:
        folder: for databases, sightings and the gate's socket.
        ports: where to listen.
        quick_jobs: run the job table every second, for a run nobody watches.
        line: to headquarters; a store without speaks to the CRM itself.
    """
    fakes = f"http://{HOST}:{ports.fakes}"
    every = "1" if quick_jobs else "5"
    settings = {
        "DATA_DIR": str(folder / "data"),
        "RUN_DIR": str(folder / "run"),
        "LOG_LEVEL": "warning",
        "STORE__ID": "demo",
        "STORE__NAME": "Doorman Demo",
        "STORE__OPENING_HOURS": "Mo-Su 10:00-22:00",
        "PORTAL__PORT": str(ports.portal),
        "PORTAL__URL": f"http://{HOST}:{ports.portal}",
        "PORTAL__NEIGHBOURS": "loopback",
        "SMS__CARRIERS": '["webhook"]',
        "SMS__WEBHOOK__URL": f"{fakes}/sms",
        "SMS__WEBHOOK__SIGNING_KEY": _new_key(),
        "WAYS__VOUCHER": "true",
        "WAYS__SPONSOR": "true",
        "GATE__KIND": "recording",
        "CRM__URL": f"{fakes}/crm/events",
        "CRM__SIGNING_KEY": _new_key(),
        "DASHBOARD__PORT": str(ports.dashboard),
        "JOBS__ROLL_UP_EVERY_S": every,
        "JOBS__CLOSE_DAYS_EVERY_S": every,
        "JOBS__SEND_EVERY_S": "1",
        **(line.settings() if line else {}),
    }
    # A DOORMAN_ variable of the person's shell is meant for a real appliance, not for this.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("DOORMAN_")}
    ours = {**variables(settings), "DOORMAN_FAKES_DIR": str(folder / "fakes")}
    # Named, so that no /etc/doorman/doorman.toml of a real appliance is read either.
    empty = folder / "demo.toml"
    empty.write_text("# The demo takes its settings from the environment alone.\n")
    return Plan(folder, ports, outside | ours | {CONFIG_VARIABLE: str(empty)})


def variables(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment's names of settings."""
    return {f"DOORMAN_{name}": value for name, value in settings.items()}


def command(*arguments: str) -> list[str]:
    """The command line of one of our own programs, by this very Python."""
    return [sys.executable, "-m", "appliance", *arguments]


def _new_key() -> str:
    return webhook_signature.write_key(secrets.token_bytes(32))
