"""A store around a booted box: phone, internet, and the desk that the box is looked after from.

    shopper        box                    internet, as in the lab
    eth0 ---- lan1 [br-lan]  wan0 ---- eth0
                   mgmt0
                     |
             office  eth0

The cables' ends at the box outlive it: while it is off they lie in the rack, and its network
namespace is gone, with all rules and addresses, as a machine's are.
"""

import contextlib
import itertools
import os
import secrets
import signal
import subprocess
import time
from pathlib import Path
from typing import Self

from core import webhook_signature
from core.setting_sources import CONFIG_VARIABLE
from tests.deploy import authority, debian
from tests.deploy.target import Target
from tests.lab import network
from tests.lab.namespace import Namespace
from tests.lab.uplink import FAKES, Uplink

BOX = "10.99.0.2"
PORTAL_NAME = "wifi.store.test"
PORTAL_URL = f"http://{PORTAL_NAME}"

_OFFICE = "10.99.0.1"
# The tag of each Debian's own Python.
_PYTHONS = {"bookworm": "cp311", "trixie": "cp313"}
_ENDS = ("lan1", "wan0", "mgmt0")
_BOOTS_WITHIN_S = 60
_NUMBERS = itertools.count()


class Store:
    """Up while the `with` block lasts, its box switched on. Its folder's path must be short."""

    def __init__(self, folder: Path, suite: str = "bookworm") -> None:
        self.folder = folder
        self._suite = suite
        self.python = _PYTHONS[suite]
        prefix = f"doorman-deploy-{os.getpid()}-{next(_NUMBERS)}"
        self.shopper, self.internet, self.office, self._rack = (
            Namespace(f"{prefix}-{name}") for name in ("shopper", "internet", "office", "rack")
        )
        self.gateway = Namespace(f"{prefix}-gateway")
        self.box = Target(folder, prefix, debian.repository(suite))
        self.secrets = {
            f"DOORMAN_{group}__SIGNING_KEY": webhook_signature.write_key(secrets.token_bytes(32))
            for group in ("SMS__WEBHOOK", "CRM")
        }
        self._uplink = Uplink(self.internet, folder, self._environment(), authority.FORWARD)
        self.certificates = self._uplink.certificates
        self.messages = self._uplink.messages
        self._closing = contextlib.ExitStack()
        self._on = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as closing:
            for namespace in (self.internet, self.shopper, self.office, self._rack):
                closing.enter_context(namespace)
            self._lay_cables()
            self._uplink.start()
            _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
            self.box.install(debian.bare_root(self._suite), self.key.with_suffix(".pub"))
            closing.callback(self.kill)
            self.switch_on()
            self._uplink.wait()
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    @property
    def key(self) -> Path:
        """What the office logs in with."""
        return self.folder / "key"

    def switch_on(self) -> None:
        """Until it has booted and the office reaches it."""
        self.gateway.__enter__()
        for end in _ENDS:
            self._rack.run("ip", "link", "set", end, "netns", self.gateway.name)
        self.box.switch_on(self.gateway)
        deadline = time.monotonic() + _BOOTS_WITHIN_S
        while self.ssh("systemctl is-system-running --wait").returncode == _NO_CONNECTION:
            if time.monotonic() > deadline or not self.box.is_on:
                raise TimeoutError(f"it does not boot:\n{self.box.console}")
            time.sleep(0.1)

    def cut_power(self) -> None:
        self.box.cut_power()
        self._collect_ends()

    def reboot(self) -> None:
        """As somebody who types `reboot`."""
        self.ssh("systemctl reboot")
        self.box.wait_for_end()
        self._collect_ends()
        self.switch_on()

    def kill(self) -> None:
        if self.box.is_on:
            self.box.kill()
            self._collect_ends()

    def run(self, command: str) -> str:
        """A command on the box, from the office; what it writes."""
        done = self.ssh(command)
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def ssh(self, command: str) -> subprocess.CompletedProcess[str]:
        words = self.office.command("ssh", *self.ssh_options(), f"root@{BOX}", command)
        return subprocess.run(words, check=False, capture_output=True, text=True)

    def ssh_options(self) -> list[str]:
        options = ("UserKnownHostsFile=/dev/null", "StrictHostKeyChecking=no", "LogLevel=ERROR")
        words = [word for option in (*options, "ConnectTimeout=2") for word in ("-o", option)]
        return ["-i", str(self.key), *words]

    def _lay_cables(self) -> None:
        for namespace in (self.internet, self.shopper):
            # A new address is not asked after first, which takes a second.
            namespace.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
        for end, namespace in zip(_ENDS, (self.shopper, self.internet, self.office), strict=True):
            network.cable(self._rack, end, namespace, "eth0")
            namespace.run("ip", "link", "set", "eth0", "up")
        network.number_hosts(self.internet)
        self.office.run("ip", "address", "add", f"{_OFFICE}/24", "dev", "eth0")

    def _collect_ends(self) -> None:
        # Ansible keeps its connections, and would speak into one that nobody hears any more.
        for pid in self.office.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for end in _ENDS:
            self.gateway.run("ip", "link", "set", end, "netns", self._rack.name)
        self.gateway.__exit__(None, None, None)

    def _environment(self) -> dict[str, str]:
        """What the carrier and the CRM go by."""
        outside = {
            name: value for name, value in os.environ.items() if not name.startswith("DOORMAN_")
        }
        empty = self.folder / "doorman.toml"
        empty.touch()
        ours = {
            CONFIG_VARIABLE: str(empty),
            "DOORMAN_DATA_DIR": str(self.folder / "data"),
            "DOORMAN_FAKES_DIR": str(self.folder / "fakes"),
            "DOORMAN_FAKES_SMS_LIMITS": "off",
        }
        return outside | ours | self.secrets

    def facts(self) -> dict[str, object]:
        """What the inventory says of this shop."""
        return {
            "ansible_host": BOX,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_common_args": "-o UserKnownHostsFile=/dev/null "
            "-o StrictHostKeyChecking=no -o LogLevel=ERROR",
            "base_apt_repository": "/srv/packages",
            "shop_id": "lakeside",
            "shop_name": "Lakeside Store",
            "shop_uplink_kind": "static",
            "shop_uplink_interface": "wan0",
            "shop_uplink_address": "203.0.113.2/24",
            "shop_uplink_gateway": network.RESOLVER,
            "shop_uplink_address6": "2001:db8::2/64",
            "shop_uplink_gateway6": "2001:db8::1",
            "shop_name_servers": [network.RESOLVER],
            "shop_shopper_interface": "br-lan",
            "shop_shopper_ports": ["lan1"],
            "shop_management_interfaces": ["mgmt0"],
            "shop_management_addresses": {"mgmt0": f"{BOX}/24"},
            "shop_portal_name": PORTAL_NAME,
            "release_settings": {
                "sms": {"carriers": ["webhook"], "webhook": {"url": f"{FAKES}/sms"}},
            },
            "release_secrets": self.secrets,
            "programs_first_user": "manager",
            "programs_first_password": secrets.token_urlsafe(),
        }


# ssh's own word for it, where no command has run.
_NO_CONNECTION = 255


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
