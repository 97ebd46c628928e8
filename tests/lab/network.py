"""The lab's cables and addresses: a phone, the store's gateway, and an internet.

    shopper           gateway                     internet
    eth0 ---- lan1 [br-lan]   wan0 ---- eth0
                192.168.50.1  203.0.113.2   203.0.113.1  its resolver
                fd50::1       2001:db8::2   203.0.113.10, 2001:db8::10  its web server
                                            203.0.113.20  the carrier of text messages
                                            203.0.113.40, 2001:db8::40  a host of a pass
                                            203.0.113.30  one end of a tunnel

Documentation addresses (RFC 5737, RFC 3849): none of them exists anywhere else.
"""

from pathlib import Path

from tests.lab.namespace import Namespace

GATEWAY = {4: "192.168.50.1", 6: "fd50::1"}
WEB = {4: "203.0.113.10", 6: "2001:db8::10"}
RESOLVER = "203.0.113.1"
WECHAT = {4: "203.0.113.40", 6: "2001:db8::40"}
CARRIER = "203.0.113.20"
TUNNEL_END = "203.0.113.30"
PHONES_V4, PHONES_V6 = "192.168.50.", "fd50:"


def lay(shopper: Namespace, gateway: Namespace, internet: Namespace) -> None:
    for namespace in (gateway, internet):
        # An interface waits a second to see whether its new address is taken; not here.
        namespace.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
    cable(gateway, "wan0", internet, "eth0")
    gateway.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
    if Path("/proc/sys/net/bridge").exists():
        # Else packets within the bridge pass the rules as well, and some broadcasts are lost.
        for family in ("iptables", "ip6tables"):
            gateway.run("sysctl", "-qw", f"net.bridge.bridge-nf-call-{family}=0")
    gateway.run("ip", "link", "add", "br-lan", "type", "bridge")
    plug(gateway, "lan1", shopper)
    _address(gateway, "br-lan", "192.168.50.1/24", "fd50::1/64")
    _address(gateway, "wan0", "203.0.113.2/24", "2001:db8::2/64")
    number_hosts(internet)
    gateway.run("ip", "route", "add", "default", "via", RESOLVER)
    gateway.run("ip", "-6", "route", "add", "default", "via", "2001:db8::1")


def number_hosts(internet: Namespace) -> None:
    """Give the internet's side of the uplink the addresses of all its hosts."""
    hosts = (RESOLVER, WEB[4], WECHAT[4], CARRIER, TUNNEL_END)
    _address(internet, "eth0", *(f"{each}/24" for each in hosts))
    _address(internet, "eth0", "2001:db8::1/64", f"{WEB[6]}/64", f"{WECHAT[6]}/64")


def plug(gateway: Namespace, port: str, phone: Namespace) -> None:
    """Put a phone on the shoppers' bridge.

    `isolated`, as it is in a store: the bridge carries nothing from one such port to another.
    """
    phone.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
    cable(gateway, port, phone, "eth0")
    phone.run("ip", "link", "set", "eth0", "up")
    gateway.run("ip", "link", "set", port, "master", "br-lan", "up")
    isolate(gateway, port)


def isolate(gateway: Namespace, port: str, switch: str = "on") -> None:
    gateway.run("ip", "link", "set", port, "type", "bridge_slave", "isolated", switch)


def cable(one: Namespace, name: str, other: Namespace, other_name: str) -> None:
    peer = ["peer", "name", other_name, "netns", other.name]
    one.run("ip", "link", "add", name, "type", "veth", *peer)


def _address(namespace: Namespace, interface: str, *addresses: str) -> None:
    for address in addresses:
        extra = ["nodad"] if ":" in address else []
        namespace.run("ip", "address", "add", address, "dev", interface, *extra)
    namespace.run("ip", "link", "set", interface, "up")
