"""Netlink messages as octets: what all its families have in common. Pure.

    nlmsghdr  | length u32 | type u16 | flags u16 | sequence u32 | port u32 | body, padded to 4 |
    body      | the family's own header | nlattr… |
    nlattr    | length u16 | type u16 | value, padded to 4 |

All in the machine's byte order. The gate has its own: it imports nothing of ours.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

REQUEST, ACKNOWLEDGE, DUMP = 0x1, 0x4, 0x300
INTERRUPTED = 0x10
ERROR, DONE = 2, 3
"""Types of message that are the same in every family."""

_HEADER = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")
_ERROR_NUMBER = struct.Struct("=i")
_NESTED = 0x8000
_KIND = 0x3FFF


class BadMessageError(Exception):
    """These octets are not what the kernel says."""


class Message(NamedTuple):
    kind: int
    flags: int
    sequence: int
    """Of the question it answers; 0 in a notification."""
    body: bytes

    @property
    def error(self) -> int:
        """The error's number, 0 for an acknowledgement. Only in a message of type ERROR.

        Raises:
            BadMessageError: there is none in it.
        """
        if len(self.body) < _ERROR_NUMBER.size:
            raise BadMessageError("an error without a number")
        return -int(_ERROR_NUMBER.unpack_from(self.body)[0])


def message(kind: int, flags: int, sequence: int, body: bytes) -> bytes:
    return _HEADER.pack(_HEADER.size + len(body), kind, flags, sequence, 0) + body


def attribute(kind: int, value: bytes) -> bytes:
    length = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(length, kind) + value.ljust(_padded(len(value)), b"\0")


def nest(kind: int, attributes: bytes) -> bytes:
    return attribute(kind | _NESTED, attributes)


def messages(data: bytes) -> Iterator[Message]:
    """The messages of one datagram.

    Raises:
        BadMessageError: one of them claims to be longer than what there is.
    """
    at = 0
    while at < len(data):
        if len(data) - at < _HEADER.size:
            raise BadMessageError("a message is cut off")
        length, kind, flags, sequence, _ = _HEADER.unpack_from(data, at)
        if not _HEADER.size <= length <= len(data) - at:
            raise BadMessageError("a message lies about its length")
        yield Message(kind, flags, sequence, data[at + _HEADER.size : at + length])
        at += _padded(length)


def attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and value of the attributes side by side.

    Raises:
        BadMessageError: one of them claims to be longer than what there is.
    """
    at = 0
    while at < len(data):
        if len(data) - at < _ATTRIBUTE.size:
            raise BadMessageError("an attribute is cut off")
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if not _ATTRIBUTE.size <= length <= len(data) - at:
            raise BadMessageError("an attribute lies about its length")
        yield kind & _KIND, data[at + _ATTRIBUTE.size : at + length]
        at += _padded(length)


def _padded(length: int) -> int:
    return length + -length % 4
