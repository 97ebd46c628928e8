"""The whole configuration of FreeRADIUS between the store's gateways and the gate."""

import shutil
import string
from collections.abc import Mapping
from pathlib import Path

from pyrad import packet
from pyrad.client import Client, Timeout
from pyrad.dictionary import Dictionary

from core.setting_groups.radius import RadiusSettings
from gear.radius import nas
from gear.radius.nas import Nas

NAME = "radiusd.conf"
STATUS_SECRET = "status"  # noqa: S105 - it guards nothing: see freeradius.conf

_CLIENT = """\
client {name} {{
	ipaddr = {address}
	secret = "{secret}"
	shortname = {name}
	require_message_authenticator = yes
}}
"""


class _Template(string.Template):
    delimiter = "@"


def write(
    settings: RadiusSettings,
    gateways: Mapping[str, Nas],
    *,
    run_dir: Path = Path("/run/freeradius"),
    log: str = "syslog",
) -> str:
    """What FreeRADIUS is started with, secrets included.

    Args:
        settings: its ports and address.
        gateways: who may ask it.
        run_dir: where its pid file goes; Debian's unit makes the default.
        log: `syslog`, or `stdout`.
    """
    template = _Template(Path(__file__).with_name("freeradius.conf").read_text("utf-8"))
    clients = [
        _CLIENT.format(name=each.name, address=each.address, secret=each.secret.decode("ascii"))
        for each in gateways.values()
    ]
    return template.substitute(
        RUN_DIR=run_dir,
        LOG=log,
        ADDRESS=settings.address,
        AUTH_PORT=settings.auth_port,
        ACCT_PORT=settings.accounting_port,
        STATUS_PORT=settings.status_port,
        STATUS_SECRET=STATUS_SECRET,
        REST_PORT=settings.service_port,
        REST_PASSWORD=nas.service_password(gateways),
        CLIENTS="\n".join(clients),
    )


def find_program() -> str | None:
    # Debian keeps it where only root's path leads.
    return shutil.which("freeradius") or shutil.which("freeradius", path="/usr/sbin")


def command(program: str, folder: Path) -> list[str]:
    """Runs it in the foreground by the configuration in that folder, and logs to where we do."""
    return [program, "-f", "-l", "stdout", "-d", str(folder)]


def is_alive(status_port: int) -> bool:
    """Whether FreeRADIUS runs with this configuration (Status-Server, RFC 5997)."""
    client = Client(
        "127.0.0.1",
        status_port,
        secret=STATUS_SECRET.encode(),
        dict=Dictionary(),
        retries=2,
        timeout=1,
    )
    question = client.CreateAuthPacket(code=packet.StatusServer)
    try:
        answer = client.SendPacket(question)
    except (Timeout, OSError):
        return False
    finally:
        client._CloseSocket()  # noqa: SLF001 - pyrad offers no other way
    return bool(answer.code == packet.AccessAccept)
