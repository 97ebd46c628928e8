"""The whole firewall of a store gateway, as text for `nft -f`. Pure but for its template."""

import dataclasses
import ipaddress
import re
from pathlib import Path
from typing import Any

_TEMPLATE = Path(__file__).with_name("ruleset.nft")
_INTERFACE = re.compile(r"[\w.-]{1,15}", re.ASCII)
_HIGHEST_PORT = 65_535
# Seconds of connections at once: a page that opens, or a phone that wakes up.
_BURST = 4


class RulesetError(ValueError):
    """A value the rules cannot be made with; the message names it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ruleset:
    """`table inet doorman`. It starts with who is online, if it is loaded again."""

    shopper_interface: str
    uplink_interface: str
    portal_port: int
    management_interfaces: tuple[str, ...] = ()
    """From these everything may reach the box: without any, only its own console can."""
    resolver_port: int = 5335
    reachable_networks: tuple[str, ...] = ()
    """Private networks behind the uplink that phones may reach while they are online."""
    management_networks: tuple[str, ...] = ()
    """Networks behind the uplink from which `management_ports` of this box may be reached."""
    management_ports: tuple[int, ...] = (22,)
    https_port: int | None = None
    """Where the portal listens for TLS. None: nowhere."""
    host_seconds: int = 86_400
    """How long an address of a garden or pass host stays open when nobody uses it."""
    connections: int = 1000
    """How many connections through the box a phone may have open."""
    connections_s: int = 100
    """How many it may open in a second, after a burst of four times as many."""
    visits: int = 100
    """How many connections to the portal it may have open."""
    visits_s: int = 50
    """How many questions and connections to the box it may begin in a second, as above."""

    def __post_init__(self) -> None:
        names = (self.shopper_interface, self.uplink_interface, *self.management_interfaces)
        for name in names:
            if not _INTERFACE.fullmatch(name):
                raise RulesetError("an interface name has 1 to 15 letters, digits, dots or dashes")
        if len(set(names)) < len(names):
            raise RulesetError("shopper, uplink and management must be different interfaces")
        ports = {"portal": self.portal_port, "resolver": self.resolver_port}
        if self.https_port is not None:
            ports["https"] = self.https_port
        for name, port in ports.items():
            if not 1 <= port <= _HIGHEST_PORT:
                raise RulesetError(f"{name}_port must be from 1 to {_HIGHEST_PORT}")
        if len(set(ports.values())) < len(ports):
            raise RulesetError("portal and resolver must have different ports")
        if not self.management_ports:
            raise RulesetError("management_ports must name one at least")
        if not all(1 <= port <= _HIGHEST_PORT for port in self.management_ports):
            raise RulesetError(f"management_ports must be from 1 to {_HIGHEST_PORT}")
        self._elements()

    def text(self) -> str:
        trusted = ", ".join(f'"{name}"' for name in ("lo", *self.management_interfaces))
        return (
            f'define shopper = "{self.shopper_interface}"\n'
            f'define uplink = "{self.uplink_interface}"\n'
            f"define trusted = {{ {trusted} }}\n"
            f"define portal_port = {self.portal_port}\n"
            f"define portal_ports = {{ {', '.join(map(str, self._portal_ports()))} }}\n"
            f"define resolver_port = {self.resolver_port}\n"
            f"define managed_ports = {{ {', '.join(map(str, self.management_ports))} }}\n\n"
            + _TEMPLATE.read_text("utf-8") % self._numbers()
            + self._elements()
        )

    def _portal_ports(self) -> list[int]:
        return [self.portal_port] + ([self.https_port] if self.https_port else [])

    def _numbers(self) -> dict[str, int]:
        return {
            "host_seconds": self.host_seconds,
            "connections": self.connections,
            "connections_s": self.connections_s,
            "connections_burst": _BURST * self.connections_s,
            "visits": self.visits,
            "visits_s": self.visits_s,
            "visits_burst": _BURST * self.visits_s,
        }

    def _elements(self) -> str:
        return "".join(
            f"add element inet doorman {name}{version} {{ {', '.join(found)} }}\n"
            for name, networks in (
                ("reachable", self.reachable_networks),
                ("managers", self.management_networks),
            )
            for version in (4, 6)
            if (found := _of_version(version, networks))
        )


def _of_version(version: int, written: tuple[str, ...]) -> list[str]:
    networks: list[Any] = []
    try:
        networks += [ipaddress.ip_network(each) for each in written]
    except ValueError as error:
        raise RulesetError(
            "reachable and management networks are written as 10.1.2.0/24 or fd00:1::/64"
        ) from error
    mine = [each for each in networks if each.version == version]
    # nftables would refuse overlapping ones.
    return [str(each) for each in ipaddress.collapse_addresses(mine)]
