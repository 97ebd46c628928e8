"""A shopper's phone, in the shopper's namespace: joins the network and uses it."""

import dataclasses
import http.client
import secrets
import socket
import ssl
import struct
import time
from pathlib import Path

from tests.lab import network
from tests.lab.internet import BEAT_S, UDP_PORT
from tests.lab.shop import WEB_NAME, Shop

_JOIN_WITHIN_S = 10
_PATIENCE_S = 5
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    status: int
    location: str | None
    body: str


class Phone:
    """One phone with an address of its own, made up as phones do."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.mac = f"02:{secrets.token_bytes(5).hex(':')}"

    def join(self) -> None:
        """Associate, get a lease (DHCP) and an IPv6 address (router advertisement)."""
        here = self._shop.shopper
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

    def addresses(self, version: int) -> list[str]:
        """Those of the shop's network."""
        listed = self._shop.shopper.run("ip", "-o", f"-{version}", "address", "show", "dev", "eth0")
        words = [line.split()[3].partition("/")[0] for line in listed.stdout.splitlines()]
        prefix = network.PHONES_V4 if version == 4 else network.PHONES_V6
        return [word for word in words if word.startswith(prefix)]

    def has_default_route(self, version: int) -> bool:
        return bool(self._shop.shopper.run("ip", f"-{version}", "route", "show", "default").stdout)

    def connect(self, version: int, port: int) -> socket.socket:
        """A connection to the internet's web server."""
        return self._shop.shopper.call(
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

        def ask() -> socket.socket:
            asking = socket.socket(_FAMILIES[version], socket.SOCK_DGRAM)
            asking.settimeout(_PATIENCE_S)
            asking.connect((network.WEB[version], UDP_PORT))
            asking.send(b"go on")
            return asking

        return self._shop.shopper.call(ask)

    def resolve(self, name: str, resolver: str) -> str:
        """Ask a resolver for an A record (RFC 1035); the last one of its answer."""

        def ask() -> bytes:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
                asking.settimeout(_PATIENCE_S)
                asking.connect((resolver, 53))
                labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
                header = struct.pack("!6H", 1, 0x0100, 1, 0, 0, 0)
                asking.send(header + labels + struct.pack("!BHH", 0, 1, 1))
                return asking.recv(1000)

        return socket.inet_ntoa(self._shop.shopper.call(ask)[-4:])
