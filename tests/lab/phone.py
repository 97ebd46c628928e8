"""A shopper's phone, in a namespace of the shoppers: joins the network and uses it."""

import dataclasses
import http.client
import secrets
import socket
import ssl
import time
from pathlib import Path

from scapy.layers.dns import DNS, DNSQR

from tests.lab import network
from tests.lab.internet import BEAT_S, UDP_PORT
from tests.lab.namespace import Namespace
from tests.lab.shop import Shop
from tests.lab.uplink import WEB_NAME

_JOIN_WITHIN_S = 10
_PATIENCE_S = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    status: int
    location: str | None
    body: str


class Phone:
    """One phone with an address of its own, made up as phones do."""

    def __init__(self, shop: Shop, here: Namespace | None = None) -> None:
        self._shop = shop
        self.here = here or shop.shopper
        self.mac = f"02:{secrets.token_bytes(5).hex(':')}"

    def join(self) -> None:
        """Associate, get a lease (DHCP) and an IPv6 address (router advertisement)."""
        here = self.here
        # Not by taking the link down: the kernel would wait a second or two on either side
        # before it trusts the cable again.
        here.run("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1")
        here.run("ip", "link", "set", "eth0", "address", self.mac)
        here.run("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=0")
        script = Path(__file__).with_name("lease.sh")
        here.run("udhcpc", "-i", "eth0", "-f", "-q", "-n", "-t", "10", "-T", "1", "-s", script)
        deadline = time.monotonic() + _JOIN_WITHIN_S
        while not self.addresses(6) or not self.has_default_route(6):
            if time.monotonic() > deadline:
                raise TimeoutError("no router advertisement")
            time.sleep(0.05)

    def forget_neighbours(self) -> None:
        """Look again for those that were not found."""
        self.here.run("ip", "neigh", "flush", "dev", "eth0")

    def addresses(self, version: int) -> list[str]:
        """Those of the shop's network."""
        listed = self.here.run("ip", "-o", f"-{version}", "address", "show", "dev", "eth0")
        words = [line.split()[3].partition("/")[0] for line in listed.stdout.splitlines()]
        prefix = network.PHONES_V4 if version == 4 else network.PHONES_V6
        return [word for word in words if word.startswith(prefix)]

    def has_default_route(self, version: int) -> bool:
        return bool(self.here.run("ip", f"-{version}", "route", "show", "default").stdout)

    def connect(self, version: int, port: int) -> socket.socket:
        """A connection to the internet's web server."""
        return self.here.call(
            lambda: socket.create_connection((network.WEB[version], port), timeout=_PATIENCE_S)
        )

    def get(self, version: int) -> Answer:
        """What a request over plain HTTP for a page on the internet gets."""
        with self.connect(version, 80) as connection:
            connection.sendall(f"GET / HTTP/1.0\r\nHost: {WEB_NAME}\r\n\r\n".encode())
            with http.client.HTTPResponse(connection) as answer:
                answer.begin()
                return Answer(answer.status, answer.headers["Location"], answer.read().decode())

    def get_securely(self, version: int) -> str:
        """The page over HTTPS, its certificate checked."""
        context = ssl.create_default_context(cafile=self._shop.certificates)
        with (
            self.connect(version, 443) as connection,
            context.wrap_socket(connection, server_hostname=WEB_NAME) as secure,
        ):
            secure.sendall(f"GET / HTTP/1.0\r\nHost: {WEB_NAME}\r\n\r\n".encode())
            return b"".join(iter(lambda: secure.recv(4096), b"")).decode()

    def download(self, version: int) -> socket.socket:
        """A download without end, begun."""
        connection = self.connect(version, 80)
        connection.sendall(f"GET /endless HTTP/1.0\r\nHost: {WEB_NAME}\r\n\r\n".encode())
        connection.recv(100)
        return connection

    @staticmethod
    def read_on(connection: socket.socket) -> None:
        """Read what comes until it ends; TimeoutError if it does not."""
        deadline = time.monotonic() + _PATIENCE_S
        while connection.recv(1000):
            if time.monotonic() > deadline:
                raise TimeoutError("it goes on")

    @staticmethod
    def falls_silent(connection: socket.socket, within_s: float = _PATIENCE_S) -> bool:
        """Whether nothing comes any more, which otherwise came all the time."""
        connection.settimeout(20 * BEAT_S)
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            try:
                connection.recv(1000)
            except OSError:
                return True
        return False

    def listen(self, version: int) -> socket.socket:
        """Ask for datagrams without end; the socket that they come to."""
        asking = self.datagrams(network.WEB[version], UDP_PORT)
        asking.send(b"go on")
        return asking

    def resolve(self, name: str, resolver: str) -> str:
        """The address (A record) that a resolver knows for a name."""
        return str(self.ask(name, "A", resolver).an[0].rdata)

    def ask(self, name: str, kind: str, resolver: str) -> DNS:
        """A resolver's whole answer."""
        question = DNS(rd=1, qd=DNSQR(qname=name, qtype=kind))
        with self.datagrams(resolver, 53) as asking:
            asking.send(bytes(question))
            return DNS(asking.recv(2000))

    def datagrams(self, address: str, port: int) -> socket.socket:
        """A socket that sends to an address and hears from it alone."""

        def connect() -> socket.socket:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sending = socket.socket(family, socket.SOCK_DGRAM)
            sending.settimeout(_PATIENCE_S)
            sending.connect((address, port))
            return sending

        return self.here.call(connect)

    def reach(self, address: str, port: int) -> None:
        """Connect by TCP and leave; an OSError says why not."""
        self.here.call(lambda: socket.create_connection((address, port), _PATIENCE_S).close())
