"""A whole shop in three network namespaces, with Doorman's own programs at its gateway."""

import contextlib
import itertools
import json
import os
import secrets
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

import trustme

from appliance import web_server
from core import webhook_signature
from core.settings import CONFIG_VARIABLE
from gate.client import GateClient
from tests.lab import network
from tests.lab.namespace import Namespace

PORTAL_PORT = 8080
PORTAL_NAME = "wifi.store.test"
PORTAL_URL = f"http://{PORTAL_NAME}:{PORTAL_PORT}"
# Our resolver and the internet's give different answers for this name.
RESOLVER_NAME = "resolver.test"
WEB_NAME = "www.internet.test"
PROBE_NAME = "captive.apple.com"
# One of those below the names that a temporary pass leads to.
WECHAT_NAME = "short.weixin.qq.com"
# Its names are answered by whoever listens at the tunnel's end.
TUNNEL_ZONE = "tunnel.test"

_NUMBERS = itertools.count()
_DOORMAN = Path(sys.executable).with_name("doorman")
_FAKES_PORT = 8082
_READY_WITHIN_S = 30

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
_INTERNET_DNSMASQ = f"""
no-resolv
no-hosts
bind-interfaces
listen-address={network.RESOLVER}
address=/{RESOLVER_NAME}/{network.RESOLVER}
address=/internet.test/{network.WEB[4]}
address=/internet.test/{network.WEB[6]}
address=/{PROBE_NAME}/{network.WEB[4]}
address=/mask.icloud.com/{network.WEB[4]}
address=/{WECHAT_NAME}/{network.WECHAT[4]}
address=/{WECHAT_NAME}/{network.WECHAT[6]}
txt-record={WEB_NAME},words
cname=alias.internet.test,{WEB_NAME}
host-record={WEB_NAME},{network.WEB[4]},{network.WEB[6]}
server=/{TUNNEL_ZONE}/{network.TUNNEL_END}
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
        self.certificates = folder / "internet-ca.pem"
        self.messages_url = f"http://{network.CARRIER}:{_FAKES_PORT}/sms/messages.json"
        self.gate = GateClient(folder / "data" / "gate.sock")
        self._environment = _environment(folder, settings)
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with self._closing as closing:
            for namespace in (self.internet, self.gateway, self.shopper):
                closing.enter_context(namespace)
            network.lay(self.shopper, self.gateway, self.internet)
            self._start_internet()
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

    def messages(self) -> list[dict[str, str]]:
        """What the carrier of text messages has delivered, newest first."""

        def fetch() -> bytes:
            with urllib.request.urlopen(self.messages_url, timeout=5) as answer:
                return bytes(answer.read())

        return list(json.loads(self.internet.call(fetch)))

    @property
    def _is_fronted(self) -> bool:
        return self._environment.get("DOORMAN_FRONT__SERVER") == "nginx"

    @property
    def _port(self) -> int:
        """Where phones find the portal."""
        return int(self._environment.get("DOORMAN_FRONT__HTTP_PORT", PORTAL_PORT))

    def _start_internet(self) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.certificates))
        certificate = self.folder / "internet.pem"
        issued = authority.issue_cert(WEB_NAME, "*.internet.test")
        issued.private_key_and_cert_chain_pem.write_to_path(str(certificate))
        self._start_dnsmasq(self.internet, _INTERNET_DNSMASQ)
        page = Path(__file__).with_name("internet.py")
        self.internet.start([sys.executable, page, certificate], self._log("web"))
        fakes = web_server.Place(network.CARRIER, _FAKES_PORT)
        self.internet.start(
            web_server.arguments("appliance.demo.fakes.wsgi:create()", fakes),
            self._log("fakes"),
            self._environment,
        )

    def _start_gateway(self) -> None:
        self.load_ruleset()
        script = self._print("resolver", "--lease-script")
        _lease_script(self.folder).write_text(script)
        _lease_script(self.folder).chmod(0o755)
        lines = self._print("resolver", "--dnsmasq")
        self._start_dnsmasq(self.gateway, _GATEWAY_DNSMASQ + lines)
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

    def _start_dnsmasq(self, namespace: Namespace, configuration: str) -> None:
        file = self.folder / f"{namespace.name}.dnsmasq"
        pid_file = f"pid-file={self.folder / namespace.name}.pid\n"
        leases = f"dhcp-leasefile={self.folder / namespace.name}.leases\n"
        file.write_text(f"user=root\n{pid_file}log-facility=-\n{leases}{configuration}")
        log = self._log(f"{namespace.name}.dnsmasq")
        namespace.start(["dnsmasq", "--keep-in-foreground", f"--conf-file={file}"], log)

    def _wait(self) -> None:
        for name, namespace, address in (
            ("web", self.internet, (network.WEB[4], 443)),
            ("fakes", self.internet, (network.CARRIER, _FAKES_PORT)),
            ("portal", self.gateway, (network.GATEWAY[6], self._port)),
            ("dnsmasq", self.internet, (network.RESOLVER, 53)),
            ("dnsmasq", self.gateway, (network.GATEWAY[4], 53)),
        ):
            self._wait_for(name, lambda: namespace.call(lambda: _answers(address)))  # noqa: B023 - called before the next turn
        self._wait_for("gate", (self.folder / "data" / "gate.sock").exists)
        if self._is_fronted:
            self._wait_for("portal", (self.folder / "data" / "portal.sock").exists)

    def _wait_for(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while not ready():
            if time.monotonic() > deadline:
                words = self._log(name).read_text(errors="replace")[-2000:]
                raise TimeoutError(f"{name} is not ready:\n{words}")
            time.sleep(0.02)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def _answers(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


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
        "SMS__WEBHOOK__URL": f"http://{network.CARRIER}:{_FAKES_PORT}/sms",
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
