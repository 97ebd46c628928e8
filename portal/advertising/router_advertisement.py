"""Router advertisements with the Captive Portal API (RFC 4861, RFC 8910). No socket, no clock.

    type 134 | code | checksum | hop limit | flags | lifetime | reachable | retransmit | options
    8          8      16         8           8       16 (s)     32 (ms)     32 (ms)

    option 37 | length in units of 8 octets | URI, padded with zeros
    8           8

dnsmasq announces the router and knows no option 37, so ours says it in a second
advertisement. To a phone both come from one router, and where they differ it believes the
later one (RFC 4861, 6.3.4): a default route that comes and goes, or DHCPv6 asked and not
asked. So ours repeats the fields that dnsmasq's had, and is silent until it has heard one.
"""

import struct
from typing import NamedTuple

_IPV6_HEADER = struct.Struct("!4xHBB16s16s")
_ICMPV6 = 58
_HOP_LIMIT = 255
_SOLICITATION, _ADVERTISEMENT = 133, 134
_SHORTEST_SOLICITATION = 8
_FIELDS = struct.Struct("!BBHBBHII")
_CAPTIVE_PORTAL = 37
_UNIT = 8


class Fields(NamedTuple):
    """What a router says of itself."""

    source: bytes
    """Its address, by which phones know it."""
    hop_limit: int
    flags: int
    lifetime_s: int
    reachable_ms: int
    retransmit_ms: int
    is_ours: bool
    """It has option 37."""


def is_solicitation(packet: bytes) -> bool:
    """Whether an IPv6 packet asks for routers, and is valid (RFC 4861, 6.1.1)."""
    message = _message(packet, _SOLICITATION)
    return message is not None and len(message) >= _SHORTEST_SOLICITATION


def read(packet: bytes) -> Fields | None:
    """What an IPv6 packet advertises; None if it is no advertisement."""
    message = _message(packet, _ADVERTISEMENT)
    if message is None or len(message) < _FIELDS.size:
        return None
    kinds = _options(message[_FIELDS.size :])
    if kinds is None:
        return None
    _, _, _, hop_limit, flags, lifetime_s, reachable_ms, retransmit_ms = _FIELDS.unpack_from(
        message
    )
    return Fields(
        source=packet[8:24],
        hop_limit=hop_limit,
        flags=flags,
        lifetime_s=lifetime_s,
        reachable_ms=reachable_ms,
        retransmit_ms=retransmit_ms,
        is_ours=_CAPTIVE_PORTAL in kinds,
    )


def write(fields: Fields, uri: str, age_s: float) -> bytes | None:
    """The ICMPv6 message for a raw socket: there the kernel writes the checksum.

    `age_s` is how long ago the fields were heard. The router's lifetime ends when dnsmasq said
    it would: ours never keeps a phone at a router that dnsmasq no longer speaks of. None if it
    has ended.
    """
    left_s = int(fields.lifetime_s - age_s)
    if left_s <= 0:
        return None
    head = _FIELDS.pack(
        _ADVERTISEMENT,
        0,
        0,
        fields.hop_limit,
        fields.flags,
        left_s,
        fields.reachable_ms,
        fields.retransmit_ms,
    )
    text = uri.encode("ascii")
    units = -(-(2 + len(text)) // _UNIT)
    option = bytes((_CAPTIVE_PORTAL, units)) + text
    return head + option.ljust(units * _UNIT, b"\0")


def _message(packet: bytes, kind: int) -> bytes | None:
    """Of the link's own: a hop limit of 255 was never forwarded."""
    if len(packet) < _IPV6_HEADER.size + 4 or packet[0] >> 4 != 6:  # noqa: PLR2004 - the version
        return None
    length, protocol, hop_limit, _, _ = _IPV6_HEADER.unpack_from(packet)
    message = packet[_IPV6_HEADER.size :]
    if (protocol, hop_limit) != (_ICMPV6, _HOP_LIMIT) or length != len(message):
        return None
    return message if message[:2] == bytes((kind, 0)) else None


def _options(area: bytes) -> set[int] | None:
    """The options' numbers; None if they are not well formed."""
    kinds = set()
    while area:
        if len(area) < _UNIT or not area[1] or len(area) < area[1] * _UNIT:
            return None
        kinds.add(area[0])
        area = area[area[1] * _UNIT :]
    return kinds
