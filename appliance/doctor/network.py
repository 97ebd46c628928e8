"""What `doorman doctor` says of the network, where the box stands between phones and the net."""

from collections.abc import Iterator
from typing import Any

from appliance.doctor.machine import Machine
from appliance.finding import Finding, Grade
from core.settings import Settings

# Below this no IPv6 passes (RFC 8200).
_LEAST_MTU = 1280


def examine(found: Settings, machine: Machine) -> Iterator[Finding]:
    for name, what in (
        (found.gate.uplink_interface, "internet"),
        (found.gate.shopper_interface, "shoppers"),
    ):
        yield _interface(machine, name, what)
    yield _route(machine, found.gate.uplink_interface)
    yield _forwarding(machine)
    yield from _isolation(machine, found.gate.shopper_interface)
    yield from _mtu(machine, found.gate.uplink_interface)


def _interface(machine: Machine, name: str, what: str) -> Finding:
    told = machine.run_json("ip", "-json", "address", "show", "dev", name)
    if not told:
        mend = "plug it in, or set gate.uplink_interface and gate.shopper_interface: ip -brief link"
        return Finding(Grade.WRONG, f"no interface {name} towards the {what}", mend)
    if "UP" not in told[0].get("flags", []) or told[0].get("operstate") == "DOWN":
        mend = f"is the cable in? ip link set {name} up"
        return Finding(Grade.WRONG, f"interface {name} ({what}) is down", mend)
    families = {each.get("family") for each in told[0].get("addr_info", [])}
    if "inet" not in families:
        mend = "networkctl status; docs/network.md, Addresses"
        return Finding(Grade.WRONG, f"interface {name} ({what}) has no IPv4 address", mend)
    also = " and IPv6" if "inet6" in families else ""
    return Finding(Grade.GOOD, f"interface {name} ({what}) is up, with IPv4{also}")


def _route(machine: Machine, uplink: str) -> Finding:
    routes: list[dict[str, Any]] = machine.run_json("ip", "-json", "route", "show", "default") or []
    ways = {str(each.get("dev")) for each in routes}
    if not ways:
        mend = f"has {uplink} its address from the provider? networkctl status {uplink}"
        return Finding(Grade.WRONG, "there is no default route to the internet", mend)
    if uplink not in ways:
        text = f"the default route leads over {', '.join(sorted(ways))}, not {uplink}"
        return Finding(Grade.WRONG, text, "set gate.uplink_interface, or mend the route")
    return Finding(Grade.GOOD, f"the default route leads over {uplink}")


def _forwarding(machine: Machine) -> Finding:
    mend = "systemctl restart doorman-firewall: it forwards once its rules are loaded"
    if machine.read("/proc/sys/net/ipv4/ip_forward") != "1":
        return Finding(Grade.WRONG, "the box forwards nothing: nobody gets online", mend)
    if machine.read("/proc/sys/net/ipv6/conf/all/forwarding") not in {"1", None}:
        return Finding(Grade.NOTE, "the box forwards no IPv6", mend)
    return Finding(Grade.GOOD, "the box forwards")


def _isolation(machine: Machine, bridge: str) -> Iterator[Finding]:
    ports = sorted(machine.path(f"/sys/class/net/{bridge}/brif").glob("*"))
    if len(ports) < 2:  # noqa: PLR2004 - one port has nobody to be kept from
        return
    open_ports = [
        each.name
        for each in ports
        if machine.read(f"{each.relative_to(machine.root)}/isolated") != "1"
    ]
    if len(open_ports) > 1:
        text = f"phones reach each other over the ports {', '.join(open_ports)} of {bridge}"
        mend = "; ".join(f"bridge link set dev {each} isolated on" for each in open_ports)
        yield Finding(Grade.WRONG, text, mend)
    else:
        yield Finding(Grade.GOOD, f"the ports of {bridge} are kept apart")


def _mtu(machine: Machine, uplink: str) -> Iterator[Finding]:
    mtu = machine.read(f"/sys/class/net/{uplink}/mtu")
    if mtu is None:
        return
    if int(mtu) < _LEAST_MTU:
        text = f"packets over {uplink} have {mtu} octets at most: IPv6 does not pass"
        yield Finding(Grade.WRONG, text, f"ip link set {uplink} mtu {_LEAST_MTU} or more")
    else:
        # The rules clamp TCP's segments to it.
        yield Finding(Grade.GOOD, f"packets over {uplink} have {mtu} octets at most")
