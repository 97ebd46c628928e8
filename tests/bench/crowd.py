"""Many phones at one cable: each an IPv4 address with a hardware address of its own.

One namespace owns a whole network of addresses. On the way out, a netdev chain writes each
phone's hardware address over the cable's; on the way in, a second one takes what is meant
for any of them. So the gateway's firewall and bridge see as many phones as in a full shop,
which as many namespaces or macvlan interfaces could not give on a small machine.

The gateway is told its neighbours instead of asking for each: the kernel's limit on
neighbours (`gc_thresh3`) is the whole machine's, and lab work must not change it.
"""

import ipaddress
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.lab.namespace import Namespace

NETWORK = ipaddress.ip_network("198.18.0.0/16")  # for benchmarks: RFC 2544
_FIRST = 256
_PORTS = "net.ipv4.ip_local_port_range=1024 65535"

_TABLE = """
table netdev crowd {{
    map macs {{
        type ipv4_addr : ether_addr
        elements = {{ {elements} }}
    }}
    chain out {{
        type filter hook egress device "eth0" priority 0;
        ether saddr set ip saddr map @macs
    }}
    chain in {{
        type filter hook ingress device "eth0" priority 0;
        ether daddr & ff:ff:00:00:00:00 == 02:c0:00:00:00:00 meta pkttype set host
    }}
}}
"""
# For programs that cannot choose the address they call from.
_SPREAD = """
table ip crowd_spread {{
    chain out {{
        type nat hook postrouting priority srcnat;
        ip saddr != {network} tcp flags syn snat to numgen inc mod {count} map {{ {elements} }}
    }}
}}
"""


class Crowd:
    """Phones of `shopper`, at the cable `eth0`, known to `gateway` on its bridge `br-lan`."""

    def __init__(self, shopper: Namespace, gateway: Namespace, count: int) -> None:
        self.shopper = shopper
        self._count = count
        # Where the phone is the one to hang up, its port may be used again a second later:
        # one machine has fewer ports than a crowd.
        shopper.run("sysctl", "-qw", "net.ipv4.tcp_tw_reuse=1", _PORTS)
        shopper.run("ip", "route", "add", "local", NETWORK, "dev", "lo")
        gateway.run("ip", "route", "add", NETWORK, "dev", "br-lan")
        elements = ", ".join(f"{address} : {mac}" for address, mac in self)
        _load(shopper, _TABLE.format(elements=elements))
        _batch(
            gateway,
            (f"neighbour replace {ip} lladdr {mac} dev br-lan nud permanent" for ip, mac in self),
        )

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((self.address(number), self.mac(number)) for number in range(self._count))

    def address(self, number: int) -> str:
        return str(NETWORK[_FIRST + number])

    def mac(self, number: int) -> str:
        return f"02:c0:00:00:{number >> 8:02x}:{number & 255:02x}"

    def spread(self, count: int) -> None:
        """From now on, connections from the cable's own address come from the first `count`."""
        elements = ", ".join(f"{number} : {self.address(number)}" for number in range(count))
        _load(self.shopper, _SPREAD.format(network=NETWORK, count=count, elements=elements))


def _load(namespace: Namespace, rules: str) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".nft") as file:
        file.write(rules)
        file.flush()
        namespace.run("nft", "-f", file.name)


def _batch(namespace: Namespace, commands: Iterator[str]) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".ip") as file:
        file.write("\n".join(commands))
        file.flush()
        namespace.run("ip", "-batch", Path(file.name))
