"""Whether the kernel of a gateway is set for a full shop."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from appliance.finding import Finding, Grade

_SYSCTL = Path("/proc/sys")


@dataclasses.dataclass(frozen=True, slots=True)
class _Table:
    """One of the kernel's tables. Once it is full, whoever comes next gets nowhere."""

    setting: str
    least: int
    what: str


_TABLES = (
    # As many as 262 phones may have open (docs/network.md).
    _Table("net.netfilter.nf_conntrack_max", 262_144, "connections"),
    # A phone has one address of IPv4 and several of IPv6.
    _Table("net.ipv4.neigh.default.gc_thresh3", 16_384, "IPv4 neighbours"),
    _Table("net.ipv6.neigh.default.gc_thresh3", 65_536, "IPv6 neighbours"),
)


def examine(sysctl: Path = _SYSCTL) -> Iterator[Finding]:
    yield _bridging(sysctl)
    for table in _TABLES:
        yield _room(sysctl, table)


def _bridging(sysctl: Path) -> Finding:
    switch = sysctl / "net/bridge/bridge-nf-call-iptables"
    if switch.exists() and switch.read_text().strip() != "0":
        return Finding(
            Grade.WRONG,
            "bridged frames go through the firewall twice: leases and first packets get lost",
            "sysctl net.bridge.bridge-nf-call-iptables=0",
        )
    return Finding(Grade.GOOD, "bridged frames stay out of the firewall")


def _room(sysctl: Path, table: _Table) -> Finding:
    limit = sysctl / table.setting.replace(".", "/")
    if not limit.exists():
        # Other namespaces than the first do not see it, or the module is not loaded yet.
        return Finding(Grade.NOTE, f"the kernel does not show {table.setting} here")
    most = int(limit.read_text())
    text = f"the kernel remembers at most {most} {table.what}"
    if most < table.least:
        return Finding(Grade.WRONG, f"{text}: few for a shop", _mending(table))
    return Finding(Grade.GOOD, text)


def _mending(table: _Table) -> str:
    command = f"sysctl {table.setting}={table.least}"
    if not table.setting.endswith("gc_thresh3"):
        return command
    # From there on it throws out whomever it has not heard of for five seconds.
    return f"{command} {table.setting.removesuffix('3')}2={table.least // 2}"
