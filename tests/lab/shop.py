"""A whole shop in three network namespaces, with Doorman's own programs at its gateway."""

import contextlib
import itertools
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

from core import webhook_signature
from core.setting_sources import CONFIG_VARIABLE
from gate.client import GateClient
from tests.lab import network
from tests.lab.namespace import Namespace
from tests.lab.uplink import FAKES, RESOLVER_NAME, Uplink, start_dnsmasq, wait_for, wait_for_answer

PORTAL_PORT = 8080
PORTAL_NAME = "wifi.store.test"
PORTAL_URL = f"http://{PORTAL_NAME}:{PORTAL_PORT}"

_NUMBERS = itertools.count()
_DOORMAN = Path(sys.executable).with_name("doorman")

# Its addresses and names; `no-ping` for a lease at once.
_GATEWAY_DNSMASQ = f"""
no-resolv
no-hosts
server={network.RESOLVER}
interface=br-lan
bind-dynamic
dhcp-range=192.168.50.50,192.168.50.200,10m
dhcp-range=fd50::,ra-stateless,slaac,64,10m
dhcp-option=option6:dns-server,[fd50::1]
enable-ra
no-ping
address=/{PORTAL_NAME}/{network.GATEWAY[4]}
address=/{PORTAL_NAME}/{network.GATEWAY[6]}
address=/{RESOLVER_NAME}/{network.GATEWAY[4]}
"""


class Shop:
    """Up while the `with` block lasts. Its folder must be short enough for a Unix socket.

    `settings` are named as in the environment, without `DOORMAN_`.
    """

    def __init__(self, folder: Path, settings: Mapping[str, object] = MappingProxyType({})) -> None:
        self.folder = folder
        # Names of namespaces are the machine's: ours must not meet another's.
        prefix = f"doorman-{os.getpid()}-{next(_NUMBERS)}"
        self.shopper = Namespace(f"{prefix}-shopper")
        self.gateway = Namespace(f"{prefix}-gateway")
        self.internet = Namespace(f"{prefix}-internet")
        self.gate = GateClient(folder / "data" / "gate.sock")
        self._environment = _environment(folder, settings)
        self._uplink = Uplink(self.internet, folder, self._environment)
        self.certificates = self._uplink.certificates
        self.messages_url = self._uplink.messages_url
        self.messages = self._uplink.messages
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with self._closing as closing:
            for namespace in (self.internet, self.gateway, self.shopper):
                closing.enter_context(namespace)
            network.lay(self.shopper, self.gateway, self.internet)
            self._uplink.start()
            self._start_gateway()
            self._wait()
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def load_ruleset(self) -> None:
        """As at boot, and as after each change of the settings."""
        rules = self.gateway.run(_DOORMAN, "gate", "--ruleset", environment=self._environment)
        self.load(rules.stdout)

    def load(self, rules: str) -> None:
        file = self.folder / "ruleset.nft"
        file.write_text(rules)
        self.gateway.run("nft", "-f", file)

    @property
    def _is_fronted(self) -> bool:
        return self._environment.get("DOORMAN_FRONT__SERVER") == "nginx"

    @property
    def _port(self) -> int:
        """Where phones find the portal."""
        return int(self._environment.get("DOORMAN_FRONT__HTTP_PORT", PORTAL_PORT))

    def _start_gateway(self) -> None:
        self.load_ruleset()
        script = self._print("resolver", "--lease-script")
        _lease_script(self.folder).write_text(script)
        _lease_script(self.folder).chmod(0o755)
        lines = self._print("resolver", "--dnsmasq")
        start_dnsmasq(self.gateway, self.folder, _GATEWAY_DNSMASQ + lines)
        self.gateway.run(_DOORMAN, "migrate", environment=self._environment)
        programs = ["gate", "resolver", "portal"]
        if self._is_fronted:
            # The web server's user has to reach the portal's socket.
            self.folder.chmod(0o711)
            programs.append("front")
        for program in programs:
            self.gateway.start([_DOORMAN, program], self._log(program), self._environment)

    def _print(self, *words: str) -> str:
        """What a command of Doorman's writes."""
        return self.gateway.run(_DOORMAN, *words, environment=self._environment).stdout

    def _wait(self) -> None:
        self._uplink.wait()
        for name, address in (
            ("portal", (network.GATEWAY[6], self._port)),
            (f"{self.gateway.name}.dnsmasq", (network.GATEWAY[4], 53)),
        ):
            wait_for_answer(self.gateway, self._log(name), address)
        wait_for(self._log("gate"), (self.folder / "data" / "gate.sock").exists)
        if self._is_fronted:
            wait_for(self._log("portal"), (self.folder / "data" / "portal.sock").exists)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def _lease_script(folder: Path) -> Path:
    return folder / "lease-script"


def _environment(folder: Path, wanted: Mapping[str, object]) -> dict[str, str]:
    settings = {
        "DATA_DIR": folder / "data",
        "STORE__NAME": "Doorman Lab",
        "PORTAL__HOST": "::",
        "PORTAL__PORT": PORTAL_PORT,
        "PORTAL__URL": PORTAL_URL,
        "PORTAL__WORKERS": 1,
        "PASSES__PER_DAY": 3,
        "CLONES__LEASE_SCRIPT": _lease_script(folder),
        "SMS__CARRIERS": '["webhook"]',
        "SMS__WEBHOOK__URL": f"{FAKES}/sms",
        "SMS__WEBHOOK__SIGNING_KEY": webhook_signature.write_key(secrets.token_bytes(32)),
        "CRM__SIGNING_KEY": webhook_signature.write_key(secrets.token_bytes(32)),
        "FAKES_DIR": folder / "fakes",
        "FAKES_SMS_LIMITS": "off",
        **wanted,
    }
    outside = {name: value for name, value in os.environ.items() if not name.startswith("DOORMAN_")}
    ours = {f"DOORMAN_{name}": str(value) for name, value in settings.items()}
    # Named, so that no settings file of a real appliance is read.
    empty = folder / "doorman.toml"
    empty.touch()
    return outside | ours | {CONFIG_VARIABLE: str(empty)}
