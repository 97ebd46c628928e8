"""The addresses of one of this machine's interfaces, at which phones find the portal."""

import fcntl
import ipaddress
import socket
import struct
from pathlib import Path

_SIOCGIFADDR = 0x8915
_OF_EVERY_NETWORK = 0x00


def of_interface(name: str) -> list[str]:
    """Its IPv4 address, then its IPv6 ones, link-local ones left out. Empty if it has none."""
    return [*_ipv4(name), *_ipv6(name)]


def _ipv4(name: str) -> list[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            found = fcntl.ioctl(any_socket, _SIOCGIFADDR, struct.pack("256s", name.encode("ascii")))
        except OSError:
            return []
    return [socket.inet_ntoa(found[20:24])]


def _ipv6(name: str) -> list[str]:
    table = Path("/proc/net/if_inet6")
    if not table.exists():
        return []
    rows = (line.split() for line in table.read_text("ascii").splitlines())
    return [
        str(ipaddress.IPv6Address(int(address, 16)))
        for address, _, _, scope, _, interface in rows
        if interface == name and int(scope, 16) == _OF_EVERY_NETWORK
    ]
