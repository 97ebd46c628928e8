"""What a connection costs `doorman flows`, and what it keeps of a burst, beside ulogd2.

A phone, a gateway that translates and an internet that answers nothing, in namespaces. Datagrams
to 500 ports from one port after another are as many connections; then all of them end at once.
The processor's time is that of the keeping program alone, whatever else runs here. Needs root.
"""

import contextlib
import gzip
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from access_log.flows import chain, files, key_file
from tests.bench.figure import figure
from tests.lab import network
from tests.lab.namespace import Namespace

_DOORMAN = Path(sys.executable).with_name("doorman")
_COUNT, _PORTS = 50_000, 500
_TICKS_S = os.sysconf("SC_CLK_TCK")
_SEND = f"""
import socket
for _ in range({_COUNT // _PORTS}):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        for port in range(1000, {1000 + _PORTS}):
            line.sendto(b"x", ("198.51.100.9", port))
"""
_SILENT = """
table inet t { chain c { type filter hook prerouting priority raw; udp dport 1000-1999 drop; }; }
"""
_TRANSLATE = """
table inet t {
    chain forward { type filter hook forward priority filter; ct state new ct mark set 0x1234567; }
    chain translate { type nat hook postrouting priority srcnat; oifname wan0 masquerade; }
}
"""
_ULOGD = """
[global]
plugin="ulogd_inpflow_NFCT.so"
plugin="ulogd_filter_IP2STR.so"
plugin="ulogd_output_GPRINT.so"
stack=ct1:NFCT,ip2str1:IP2STR,flows:GPRINT
[ct1]
event_mask=0x00000004
hash_enable=0
netlink_socket_buffer_size=33554432
netlink_socket_buffer_maxsize=33554432
[flows]
file="{}/flows.log"
"""


class Kept(NamedTuple):
    us: float
    """Of the processor, for each connection."""
    share: float
    octets: float


def measure() -> list[dict[str, object]]:
    with _street() as (phone, gateway):
        ours = _ours(phone, gateway)
        theirs = _ulogd(phone, gateway) if shutil.which("ulogd") else Kept(0, 0, 0)
    peer = "ulogd2, ends alone, as text"
    return [
        figure(
            "flows.us_a_connection",
            unit="us",
            value=ours.us,
            peer=peer,
            peer_value=theirs.us,
            goal="under 50: 20,000 a second on one core",
            met=ours.us < 50,
        ),
        figure(
            "flows.kept_of_a_burst",
            unit="share",
            value=ours.share,
            peer=peer,
            peer_value=theirs.share,
            goal="all",
            met=ours.share == 1,
        ),
        figure(
            "flows.octets_a_connection",
            unit="B",
            value=ours.octets,
            peer=f"{peer}, gzip",
            peer_value=theirs.octets,
            goal="printed",
            met=None,
        ),
    ]


def _ours(phone: Namespace, gateway: Namespace) -> Kept:
    with tempfile.TemporaryDirectory(prefix="doorman-flows-") as place:
        folder = Path(place)
        (folder / "doorman.toml").touch()
        settings = {"DATA_DIR": folder, "FLOWS__BLOCK_S": 5, "CONFIG": folder / "doorman.toml"}
        environment = os.environ | {f"DOORMAN_{name}": str(v) for name, v in settings.items()}
        program = gateway.start([_DOORMAN, "flows"], folder / "log", environment)
        while not files.listed(folder / "flows"):
            time.sleep(0.1)
        used = _burst(phone, gateway, program.pid)
        program.terminate()
        program.wait()
        rows = chain.verify(folder / "flows", key_file.load(folder / "flows.key")).rows
        size = sum(each.size for each in files.listed(folder / "flows"))
    return Kept(used / _COUNT, rows / 2 / _COUNT, 2 * size / rows)


def _ulogd(phone: Namespace, gateway: Namespace) -> Kept:
    # Not its owner's alone: it gives root up.
    with tempfile.TemporaryDirectory(prefix="doorman-flows-") as place:
        folder = Path(place)
        shutil.chown(folder, "ulog", "adm")
        (folder / "conf").write_text(_ULOGD.format(folder))
        words = ["--uid", "ulog", "--configfile", folder / "conf", "--pidfile", folder / "pid"]
        program = gateway.start(["ulogd", *words], folder / "log")
        time.sleep(1)
        used = _burst(phone, gateway, program.pid)
        program.terminate()
        program.wait()
        text = (folder / "flows.log").read_bytes()
    lines = text.count(b"\n")
    return Kept(used / _COUNT, lines / _COUNT, len(gzip.compress(text, 6)) / lines)


def _burst(phone: Namespace, gateway: Namespace, pid: int) -> float:
    """Microseconds of the processor that all of it took."""
    before = _used(pid)
    phone.run(sys.executable, "-c", _SEND)
    gateway.run("conntrack", "--flush")
    time.sleep(7)
    return (_used(pid) - before) * 1e6


def _used(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / _TICKS_S


@contextlib.contextmanager
def _street() -> Iterator[tuple[Namespace, Namespace]]:
    name = f"doorman-{os.getpid()}-flows"
    with (
        Namespace(f"{name}-phone") as phone,
        Namespace(f"{name}-gateway") as gateway,
        Namespace(f"{name}-internet") as internet,
    ):
        network.cable(gateway, "br-lan", phone, "eth0")
        network.cable(gateway, "wan0", internet, "eth0")
        for place, interface, address in (
            (phone, "eth0", "192.168.50.9/24"),
            (gateway, "br-lan", "192.168.50.1/24"),
            (gateway, "wan0", "203.0.113.2/24"),
            (internet, "eth0", "203.0.113.1/24"),
        ):
            place.run("ip", "address", "add", address, "dev", interface)
            place.run("ip", "link", "set", interface, "up")
        phone.run("ip", "route", "add", "default", "via", "192.168.50.1")
        gateway.run("ip", "route", "add", "default", "via", "203.0.113.1")
        internet.run("nft", _SILENT)
        gateway.run("nft", _TRANSLATE)
        for word in ("acct=1", "timestamp=1", "udp_timeout=600"):
            gateway.run("sysctl", "-qw", f"net.netfilter.nf_conntrack_{word}")
        gateway.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        yield phone, gateway
