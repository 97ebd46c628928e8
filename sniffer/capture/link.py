"""What the kernel says of a network interface: whether it is there, up, in monitor mode."""

import fcntl
import socket
import struct
from pathlib import Path
from typing import NamedTuple

# <linux/sockios.h>, <linux/if.h>, <linux/if_arp.h>
_SIOCGIFFLAGS, _SIOCGIFHWADDR, _SIOCGIFINDEX = 0x8913, 0x8927, 0x8933
_IFF_UP = 1
_ARPHRD_IEEE80211_RADIOTAP = 803

# Of the thread: one may be in another network namespace than its process.
_COUNTERS = Path("/proc/thread-self/net/dev")


class Link(NamedTuple):
    ifindex: int
    """Another one each time the interface comes back, whatever its name."""
    is_up: bool
    gives_radiotap: bool
    """In monitor mode, that is."""


def look(any_socket: socket.socket, name: str) -> Link:
    """The interface of that name, as that socket sees it. OSError if there is none."""
    request = struct.pack("16s24x", name.encode())

    def asked(question: int, layout: str) -> int:
        (told,) = struct.unpack_from(layout, fcntl.ioctl(any_socket, question, request), 16)
        return int(told)

    return Link(
        ifindex=asked(_SIOCGIFINDEX, "i"),
        is_up=bool(asked(_SIOCGIFFLAGS, "H") & _IFF_UP),
        gives_radiotap=asked(_SIOCGIFHWADDR, "H") == _ARPHRD_IEEE80211_RADIOTAP,
    )


def packets_received(name: str) -> int:
    """All frames that the interface has brought, of whatever sort; 0 if it is not told."""
    try:
        lines = _COUNTERS.read_text().splitlines()
    except OSError:
        return 0
    for line in lines:
        interface, _, counters = line.partition(":")
        if interface.strip() == name:
            return int(counters.split()[1])
    return 0
