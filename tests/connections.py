"""What the kernel says of connections (ctnetlink), put together as it does."""

import ipaddress
import socket

import numpy as np

from access_log.flows import table
from access_log.flows.conntrack import Reader
from core import netlink

NEW, DELETE = 0x100, 0x102
TCP, UDP, ICMP = 6, 17, 1
PHONE, SHOP, WEB = "192.168.50.141", "203.0.113.2", "198.51.100.7"


def told(
    kind=NEW,
    *,
    source=PHONE,
    port=40_000,
    public=SHOP,
    public_port=None,
    to=WEB,
    to_port=443,
    answers=None,
    protocol=TCP,
    mark=None,
    counted=None,
    times=None,
    told_at=None,
):
    """One message. `counted`: bytes up and down; times are nanoseconds."""
    ways = [
        (1, source, to, port, to_port),
        (2, answers or to, public, to_port, public_port or port),
    ]
    body = b"".join(_tuple(side, *way, protocol=protocol) for side, *way in ways)
    body += netlink.attribute(12, b"\1\2\3\4") + netlink.attribute(3, b"\0\0\1\x88")
    if counted:
        for direction, count in zip((9, 10), counted, strict=True):
            numbers = netlink.attribute(1, (3).to_bytes(8)) + netlink.attribute(
                2, count.to_bytes(8)
            )
            body += netlink.nest(direction, numbers)
    if times:
        body += netlink.nest(
            20, b"".join(netlink.attribute(n, t.to_bytes(8)) for n, t in enumerate(times, 1))
        )
    if mark:
        body += netlink.attribute(8, mark.to_bytes(4))
    if told_at:
        body += netlink.attribute(27, told_at.to_bytes(8))
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    return netlink.message(kind, 0x600, 0, bytes([family, 0, 0, 0]) + body)


def rows_of(*messages, now_ms=0, phone=bytes(6)):
    """What is kept of them, and how many could not be read."""
    octets, unread = Reader().read(messages, now_ms)
    rows = np.frombuffer(octets, table.ROW).copy()
    rows["phone"] = list(phone)
    return rows, unread


def _tuple(side, source, destination, port, to_port, *, protocol):
    is_4 = ":" not in source
    addresses = b"".join(
        netlink.attribute(kind, ipaddress.ip_address(each).packed)
        for kind, each in zip((1, 2) if is_4 else (3, 4), (source, destination), strict=True)
    )
    ports = netlink.attribute(1, bytes([protocol]))
    if protocol == ICMP:
        # One id for both directions, whichever end it is of.
        ports += netlink.attribute(
            4, (port if side == 1 else to_port).to_bytes(2)
        ) + netlink.attribute(5, b"\x08")
        ports += netlink.attribute(6, b"\0")
    else:
        ports += netlink.attribute(2, port.to_bytes(2)) + netlink.attribute(3, to_port.to_bytes(2))
    return netlink.nest(side, netlink.nest(1, addresses) + netlink.nest(2, ports))
