"""The kernel's language for network interfaces: rtnetlink messages as octets. Pure.

nlmsghdr | ifinfomsg: family u8, pad u8, type u16, index s32, flags u32, change u32 | attributes
"""

import struct
from typing import NamedTuple

from core.netlink import ACKNOWLEDGE, REQUEST, BadMessageError, Message, attributes, message

LINK_NOTICES = 1
"""The group that is told whatever happens to interfaces (RTMGRP_LINK)."""

_NEW_LINK, _DELETE_LINK, _GET_LINK = 16, 17, 18
_LINK = struct.Struct("=BBHiII")
_ANY_FAMILY = 0
_NAME = 3
_UP = 1
_RADIOTAP = 803


class Link(NamedTuple):
    """What is told of an interface, whenever anything about it changes."""

    ifindex: int
    name: str
    is_there: bool
    is_up: bool
    gives_radiotap: bool
    """Its frames begin with radiotap's header, as in monitor mode."""


def ask_for_link(sequence: int, index: int) -> bytes:
    return message(_GET_LINK, REQUEST, sequence, _LINK.pack(_ANY_FAMILY, 0, 0, index, 0, 0))


def set_up(sequence: int, index: int, *, up: bool) -> bytes:
    body = _LINK.pack(_ANY_FAMILY, 0, 0, index, _UP if up else 0, _UP)
    return message(_NEW_LINK, REQUEST | ACKNOWLEDGE, sequence, body)


def read(notice: Message) -> Link | None:
    """None for a message about something else.

    Raises:
        BadMessageError: it is cut off.
    """
    if notice.kind not in (_NEW_LINK, _DELETE_LINK):
        return None
    if len(notice.body) < _LINK.size:
        raise BadMessageError("a link without a header")
    family, _, hardware, index, flags, _ = _LINK.unpack_from(notice.body)
    if family != _ANY_FAMILY:
        return None  # of a bridge's port: that one leaves the bridge is not its end
    told = dict(attributes(notice.body[_LINK.size :]))
    return Link(
        ifindex=index,
        name=told.get(_NAME, b"").rstrip(b"\0").decode(errors="replace"),
        is_there=notice.kind == _NEW_LINK,
        is_up=bool(flags & _UP),
        gives_radiotap=hardware == _RADIOTAP,
    )
