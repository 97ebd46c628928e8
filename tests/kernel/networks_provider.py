"""Whoever leads a store to the internet, in the machine: in a VLAN of its cable, a line by PPPoE.

At last it gives leases there instead.

    web ---- uplink [provider] line (in eth0) ==== the store

It never says that a packet is too big, as many do not: whoever sends such ones waits for ever.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

from tests.lab.namespace import Namespace

LINE = 35
WEB, WEB6 = "203.0.113.1", "2001:db8:1::1"
FROM_PROVIDER = "10.64.0.9"
LEASED = "10.65.0.9"
DELEGATED = "2001:db8:50::/60"
USER, PASSWORD = "someone@provider", r"a se\cret"
# Many segments of full size.
PAGE_OCTETS = 200_000
_PROVIDER, _PROVIDER6 = "203.0.113.2", "2001:db8:1::2"
_PORT = 80

_PPP = """\
require-chap
name isp
+ipv6
ipv6 ::1,::2
mtu 1492
mru 1492
"""
# pppd's quoting: a backslash stands for what comes after it.
_SECRETS = f'"{USER}" isp "%s" *\n' % PASSWORD.replace("\\", "\\\\")
_ROUTES = """\
port=0
interface=ppp0
bind-dynamic
enable-ra
dhcp-range=2001:db8:2::,ra-only,64
pid-file=
"""
_LEASES = f"""\
port=0
interface=line
bind-dynamic
no-ping
dhcp-range={LEASED},{LEASED}
enable-ra
dhcp-range=2001:db8:3::,ra-only,64
dhcp-leasefile=/dev/tmp/leases
pid-file=
"""
_PREFIXES = {
    "Dhcp6": {
        "server-id": {"type": "EN", "enterprise-id": 7, "identifier": "01", "persist": False},
        "interfaces-config": {"interfaces": ["ppp0"]},
        "lease-database": {"type": "memfile", "persist": False},
        "subnet6": [
            {
                "subnet": "2001:db8:2::/64",
                "interface": "ppp0",
                "pd-pools": [{"prefix": "2001:db8:50::", "prefix-len": 60, "delegated-len": 60}],
            }
        ],
        "loggers": [{"name": "kea-dhcp6", "severity": "ERROR"}],
    }
}
_SILENCE = """
table inet silence {
    chain output {
        type filter hook output priority 0
        icmp type destination-unreachable drop
        icmpv6 type packet-too-big drop
    }
}
"""


class Provider:
    def __init__(self, place: Namespace, web: Namespace, folder: Path) -> None:
        self._place = place
        self._folder = folder
        self.segments: list[int] = []
        """Octets of TCP's largest segment towards each who asked for a page."""
        place.run("ip", "link", "add", "link", "eth0", "name", "line", "type", "vlan", "id", LINE)
        place.run("ip", "link", "set", "line", "up")
        cable = ("type", "veth", "peer", "name", "eth0", "netns", web.name)
        place.run("ip", "link", "add", "uplink", *cable)
        for here, name, four, six in (
            (place, "uplink", _PROVIDER, _PROVIDER6),
            (web, "eth0", WEB, WEB6),
        ):
            here.run("ip", "address", "add", f"{four}/24", "dev", name)
            here.run("ip", "address", "add", f"{six}/64", "dev", name, "nodad")
            here.run("ip", "link", "set", name, "up")
        web.run("ip", "route", "add", "default", "via", _PROVIDER)
        web.run("ip", "route", "add", "default", "via", _PROVIDER6)
        place.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        place.run("nft", "-f", self._file("silence.nft", _SILENCE))
        server = web.call(_listening)
        threading.Thread(target=self._serve, args=(server,), daemon=True).start()

    def answer_calls(self) -> None:
        Path("/etc/ppp/chap-secrets").write_text(_SECRETS)
        ends = ("-L", "10.64.0.1", "-R", FROM_PROVIDER, "-N", 1)
        self._place.run("pppoe-server", "-I", "line", *ends, "-O", self._file("ppp-server", _PPP))

    def hang_up(self) -> None:
        """As many do once a day."""
        os.kill(int(Path("/run/ppp0.pid").read_text().split()[0]), signal.SIGTERM)

    def delegate(self) -> None:
        """For the line that is up now: say who leads to the internet, and give prefixes away."""
        self._place.run("ip", "address", "add", "2001:db8:2::1/64", "dev", "ppp0", "nodad")
        # Of an address with a peer, Kea takes the peer's for its own.
        self._place.run("ip", "address", "add", "fe80::7/64", "dev", "ppp0", "nodad")
        self._place.run("ip", "route", "replace", DELEGATED, "dev", "ppp0")
        self._place.run("dnsmasq", "-C", self._file("routes", _ROUTES))
        subprocess.Popen(
            self._place.command("kea-dhcp6", "-c", self._file("kea", json.dumps(_PREFIXES))),
            env=os.environ | dict.fromkeys(("KEA_PIDFILE_DIR", "KEA_LOCKFILE_DIR"), "/run"),
        )

    def give_leases(self) -> None:
        """In the same VLAN, where nobody dials any more."""
        self._place.run("ip", "address", "add", "10.65.0.1/24", "dev", "line")
        self._place.run("ip", "address", "add", "2001:db8:3::1/64", "dev", "line", "nodad")
        self._place.run("dnsmasq", "-C", self._file("leases", _LEASES))

    def _serve(self, server: socket.socket) -> None:
        while True:
            asking, (address, *_) = server.accept()
            with asking, contextlib.suppress(OSError):
                asking.settimeout(20)
                self.segments.append(asking.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG))
                received = 0
                while received < PAGE_OCTETS:
                    received += len(asking.recv(65_536)) or PAGE_OCTETS
                asking.sendall(f"{address}\n".encode().rjust(PAGE_OCTETS))

    def _file(self, name: str, text: str) -> Path:
        file = self._folder / name
        file.write_text(text)
        return file


def fetched(address: str) -> tuple[str, int] | None:
    """A large page for a large question, from the web: as whom one was seen, and the segment."""
    try:
        with socket.create_connection((address, _PORT), timeout=20) as asking:
            segment = asking.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
            asking.sendall(bytes(PAGE_OCTETS))
            page = b""
            while len(page) < PAGE_OCTETS:
                if not (received := asking.recv(65_536)):
                    return None
                page += received
            return page.split()[-1].decode().removeprefix("::ffff:"), segment
    except OSError:
        return None


def _listening() -> socket.socket:
    return socket.create_server(("::", _PORT), family=socket.AF_INET6, dualstack_ipv6=True)
