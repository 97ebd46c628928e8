"""The firewall and the names before login."""

import enum

from pydantic import Field

from core.setting_groups.base import Group, HostName, Port


class GateKind(enum.StrEnum):
    NFTABLES = "nftables"
    RECORDING = "recording"
    UNIFI = "unifi"
    RADIUS = "radius"

    @property
    def is_foreign(self) -> bool:
        """Whether phones are on the network of a gateway that is not ours."""
        return self in {GateKind.UNIFI, GateKind.RADIUS}


class PrivateRelay(enum.StrEnum):
    ALLOW = "allow"
    REFUSE = "refuse"


class GateSettings(Group):
    kind: GateKind = GateKind.NFTABLES
    """`nftables` changes the firewall; `unifi` and `radius` tell another gateway (docs/gear.md);
    `recording` only remembers (demo, no root)."""
    socket: str = ""
    """Unix socket of the gate. Empty: `gate.sock` in `data_dir`."""
    allowed_users: tuple[str, ...] = ()
    """System users who may command the gate, besides root and its own."""
    shopper_interface: str = Field(default="br-lan", pattern=r"^[0-9A-Za-z_.-]{1,15}$")
    """Interface (or bridge) the shoppers' phones are on."""
    uplink_interface: str = Field(default="wan0", pattern=r"^[0-9A-Za-z_.-]{1,15}$")
    """Interface towards the internet."""
    management_interfaces: tuple[str, ...] = ()
    """Interfaces from which everything on the box may be reached, such as ["lan0"]."""
    management_networks: tuple[str, ...] = ()
    """Networks behind the uplink, such as ["10.1.0.0/24"], from which `management_ports` of the
    box may be reached: of a box behind the company's router."""
    management_ports: tuple[Port, ...] = (22,)
    """TCP ports that those may reach: ssh, and `dashboard.port` if they should see that."""
    reachable_networks: tuple[str, ...] = ()
    """Private networks behind the uplink that phones online may reach: ["10.1.2.0/24"]."""
    garden_hosts: tuple[HostName, ...] = ()
    """Names, with all below them, that every phone may reach before login, by HTTPS alone."""


class ResolverSettings(Group):
    port: Port = 5335
    """UDP port on which names are answered before login; port 53 is redirected to it."""
    private_relay: PrivateRelay = PrivateRelay.ALLOW
    """`refuse` makes phones turn off iCloud Private Relay (and Firefox its DNS) on this Wi-Fi."""
