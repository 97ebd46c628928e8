"""What a store's uplink leads to: a resolver, a web server, and the carrier of text messages."""

import json
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import trustme

from appliance import web_server
from tests.lab import network
from tests.lab.namespace import Namespace

# Our resolver and the internet's give different answers for this name.
RESOLVER_NAME = "resolver.test"
WEB_NAME = "www.internet.test"
PROBE_NAME = "captive.apple.com"
# One of those below the names that a temporary pass leads to.
WECHAT_NAME = "short.weixin.qq.com"
# Its names are answered by whoever listens at the tunnel's end.
TUNNEL_ZONE = "tunnel.test"
FAKES = f"http://{network.CARRIER}:8082"

_FAKES_PORT = 8082
_READY_WITHIN_S = 30

_DNSMASQ = f"""
no-resolv
no-hosts
bind-interfaces
listen-address={network.RESOLVER}
address=/{RESOLVER_NAME}/{network.RESOLVER}
address=/internet.test/{network.WEB[4]}
address=/internet.test/{network.WEB[6]}
address=/{PROBE_NAME}/{network.WEB[4]}
address=/mask.icloud.com/{network.WEB[4]}
address=/root-servers.net/{network.WEB[4]}
address=/{WECHAT_NAME}/{network.WECHAT[4]}
address=/{WECHAT_NAME}/{network.WECHAT[6]}
txt-record={WEB_NAME},words
cname=alias.internet.test,{WEB_NAME}
host-record={WEB_NAME},{network.WEB[4]},{network.WEB[6]}
server=/{TUNNEL_ZONE}/{network.TUNNEL_END}
"""


class Uplink:
    """Its programs run in a namespace until that is closed; their logs are in a folder.

    `environment` has the settings of the fakes: the keys that they share with the store. `names`
    are lines for the resolver.
    """

    def __init__(
        self, here: Namespace, folder: Path, environment: Mapping[str, str], names: str = ""
    ) -> None:
        self._here = here
        self._folder = folder
        self._environment = environment
        self._names = names
        self.certificates = folder / "internet-ca.pem"
        self.messages_url = f"{FAKES}/sms/messages.json"

    def start(self) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.certificates))
        certificate = self._folder / "internet.pem"
        issued = authority.issue_cert(WEB_NAME, "*.internet.test")
        issued.private_key_and_cert_chain_pem.write_to_path(str(certificate))
        start_dnsmasq(self._here, self._folder, _DNSMASQ + self._names)
        page = Path(__file__).with_name("internet.py")
        self._here.start([sys.executable, page, certificate], self._folder / "web.log")
        fakes = web_server.Place(network.CARRIER, _FAKES_PORT)
        self._here.start(
            web_server.arguments("appliance.demo.fakes.wsgi:create()", fakes),
            self._folder / "fakes.log",
            self._environment,
        )

    def wait(self) -> None:
        for name, address in (
            ("web", (network.WEB[4], 443)),
            ("fakes", (network.CARRIER, _FAKES_PORT)),
            (f"{self._here.name}.dnsmasq", (network.RESOLVER, 53)),
        ):
            wait_for_answer(self._here, self._folder / f"{name}.log", address)

    def messages(self) -> list[dict[str, str]]:
        """What the carrier of text messages has delivered, newest first."""

        def fetch() -> bytes:
            with urllib.request.urlopen(self.messages_url, timeout=5) as answer:
                return bytes(answer.read())

        return list(json.loads(self._here.call(fetch)))


def start_dnsmasq(namespace: Namespace, folder: Path, configuration: str) -> None:
    file = folder / f"{namespace.name}.dnsmasq"
    pid_file = f"pid-file={folder / namespace.name}.pid\n"
    leases = f"dhcp-leasefile={folder / namespace.name}.leases\n"
    file.write_text(f"user=root\n{pid_file}log-facility=-\n{leases}{configuration}")
    log = folder / f"{namespace.name}.dnsmasq.log"
    namespace.start(["dnsmasq", "--keep-in-foreground", f"--conf-file={file}"], log)


def wait_for_answer(namespace: Namespace, log: Path, address: tuple[str, int]) -> None:
    wait_for(log, lambda: namespace.call(lambda: _answers(address)))


def wait_for(log: Path, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while not ready():
        if time.monotonic() > deadline:
            words = log.read_text(errors="replace")[-2000:]
            raise TimeoutError(f"{log.stem} is not ready:\n{words}")
        time.sleep(0.02)


def _answers(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True
