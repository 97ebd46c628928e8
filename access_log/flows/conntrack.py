"""What the kernel tells of connections (ctnetlink): octets in, rows out. Pure.

Names and numbers are those of linux/netfilter/nfnetlink_conntrack.h. One message is

    nlmsghdr | nfgenmsg: family u8, version u8, u16 | TUPLE_ORIG, TUPLE_REPLY, ID, STATUS, MARK, …

and nearly all are of a few shapes. Of each shape the first message is read by the rules; the
others are known to be like it by their headers, and what they say is taken from the same places,
all at once.
Numbers in attributes are big-endian.
"""

import itertools
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from access_log.flows import records
from access_log.flows.records import (
    ADDRESS_OCTETS,
    AT,
    BYTES_DOWN,
    BYTES_UP,
    DESTINATION,
    DESTINATION_PORT,
    MAPPED,
    MARK,
    PROTOCOL,
    PUBLIC,
    PUBLIC_PORT,
    ROW,
    SECONDS,
    SOURCE,
    SOURCE_PORT,
    UNKNOWN_SECONDS,
    Event,
)
from core.netlink import DUMP, REQUEST, BadMessageError, message

LONGEST = 1024
"""Octets of a message; those with more (labels, helpers of other programs) are not read."""

_CONNTRACK = 1
_NEW, _GET, _DELETE = _CONNTRACK << 8, _CONNTRACK << 8 | 1, _CONNTRACK << 8 | 2
_ANY_FAMILY = bytes(4)
_HEADERS = 20
_HEADER = struct.Struct("=IH")
_ATTRIBUTE = struct.Struct("=HH")
_KIND = 0x3FFF
# Of the message itself: its length, type and flags; and the family.
_FIXED = (*range(8), 16)

# Where values are, as the kinds that lead there: of the phone's tuple and of the answer's.
_PHONE, _ANSWER = 1, 2
_SOURCE = ((1, 1), (1, 3))
_DESTINATION = ((1, 2), (1, 4))
_PROTOCOL = (2, 1)
_SOURCE_PORT, _DESTINATION_PORT = (2, 2), (2, 3)
# ICMP has an id, which stands for the source port of either side, and a type with its code.
_ECHO_ID = ((2, 4), (2, 7))
_ICMP_TYPE, _ICMP_CODE = ((2, 5), (2, 8)), ((2, 6), (2, 9))
_MARK = (8,)
_BYTES_UP, _BYTES_DOWN = (9, 2), (10, 2)
_BEGUN_AT, _ENDED_AT, _TOLD_AT = (20, 1), (20, 2), (27,)
_NESTS = {(1,), (2,), (9,), (10,), (20,), (1, 1), (1, 2), (2, 1), (2, 2)}
_NS_IN_MS, _MS_IN_S = 1_000_000, 1000
_TIME_OCTETS = 8
_ADDRESSES = (4, 16)

# More than a kernel makes; beyond it somebody plays, and shapes are learnt anew.
_MOST_SHAPES = 64

_Path = tuple[int, ...]


def ask_for_all(sequence: int) -> bytes:
    """The question for all connections that there are; answered as if they began now."""
    return message(_GET, REQUEST | DUMP, sequence, _ANY_FAMILY)


class Reader:
    def __init__(self) -> None:
        self._shapes: dict[bytes, _Shape] = {}

    def read(self, messages: Iterable[bytes], now_ms: int) -> tuple[bytearray, int]:
        """The rows of messages as received, as yet nobody's; and how many cannot be read.

        `now_ms` is taken where the kernel says no time. What is no news of a connection is
        passed over.
        """
        rows, unread = bytearray(), 0
        groups: dict[bytes, list[bytes]] = {}
        for each in messages:
            # Length, type and flags: mostly of one shape.
            groups.setdefault(each[:8], []).append(each)
        for head, group in groups.items():
            left = group
            while left:
                shape = self._shapes.get(head)
                if shape is None or not shape.fit(left[:1])[0]:
                    try:
                        shape = _Shape(left[0])
                    except BadMessageError:
                        unread += 1
                        left = left[1:]
                        continue
                    if len(self._shapes) >= _MOST_SHAPES:
                        self._shapes.clear()
                    self._shapes[head] = shape
                fit = shape.fit(left)
                rows += shape.read(list(itertools.compress(left, fit)), now_ms)
                left = (
                    []
                    if all(fit)
                    else [m for m, is_like in zip(left, fit, strict=True) if not is_like]
                )
        return rows, unread


class _Shape:
    """The headers of one message, and where its values are."""

    def __init__(self, message: bytes) -> None:
        if len(message) < _HEADERS:
            raise BadMessageError("a message is cut off")
        length, kind = _HEADER.unpack_from(message)
        if not _HEADERS <= length <= len(message) <= LONGEST:
            raise BadMessageError("a message lies about its length")
        self._size = len(message)
        self._places: dict[_Path, tuple[int, int]] = {}
        mask = bytearray(self._size)
        for at in _FIXED:
            mask[at] = 0xFF
        for each in _walk(message, _HEADERS, length):
            value = each.at + _ATTRIBUTE.size
            mask[each.at : value] = b"\xff" * _ATTRIBUTE.size
            if each.path not in _NESTS:
                self._places[each.path] = (value, each.end - value)
        self._mask = int.from_bytes(mask, "little")
        self._template = int.from_bytes(message, "little") & self._mask
        event = {_NEW: Event.BEGUN, _DELETE: Event.ENDED}.get(kind)
        addresses = ((_PHONE, _SOURCE), (_ANSWER, _SOURCE), (_ANSWER, _DESTINATION))
        found = [self._first(*each) for each in addresses]
        # What is not about a connection is passed over.
        self._event = event if all(found) else None
        if self._event and any(self._places[path or ()][1] not in _ADDRESSES for path in found):
            raise BadMessageError("an address of no known length")

    def fit(self, messages: list[bytes]) -> list[bool]:
        """Of each, whether it is of this shape."""
        number, mask, template, size = int.from_bytes, self._mask, self._template, self._size
        return [
            number(each, "little") & mask == template and len(each) == size for each in messages
        ]

    def read(self, messages: list[bytes], now_ms: int) -> bytearray:
        """The rows of messages that fit, all at once: one octet of each is a slice."""
        if self._event is None:
            return bytearray()
        octets, count = b"".join(messages), len(messages)
        rows = bytearray(count * ROW.size)
        rows[:: ROW.size] = bytes([self._event]) * count
        # Who answers: of what the box redirects to itself, the box.
        addresses = ((SOURCE, _PHONE, _SOURCE), (DESTINATION, _ANSWER, _SOURCE))
        for column, side, paths in (*addresses, (PUBLIC, _ANSWER, _DESTINATION)):
            self._copy_address(rows, column, octets, self._first(side, paths))
        self._copy(rows, PROTOCOL, octets, (_PHONE, *_PROTOCOL))
        self._copy(rows, MARK, octets, _MARK)
        self._copy_ports(rows, octets)
        self._copy(rows, BYTES_UP, octets, _BYTES_UP)
        self._copy(rows, BYTES_DOWN, octets, _BYTES_DOWN)
        self._set_times(rows, octets, now_ms)
        return rows

    def _copy_ports(self, rows: bytearray, octets: bytes) -> None:
        if (_PHONE, *_SOURCE_PORT) in self._places:
            self._copy(rows, SOURCE_PORT, octets, (_PHONE, *_SOURCE_PORT))
            self._copy(rows, DESTINATION_PORT, octets, (_ANSWER, *_SOURCE_PORT))
            self._copy(rows, PUBLIC_PORT, octets, (_ANSWER, *_DESTINATION_PORT))
            return
        self._copy(rows, SOURCE_PORT, octets, self._first(_PHONE, _ECHO_ID))
        self._copy(rows, PUBLIC_PORT, octets, self._first(_ANSWER, _ECHO_ID))
        low, high = DESTINATION_PORT.start, DESTINATION_PORT.start + 1
        self._copy(rows, slice(low, high), octets, self._first(_PHONE, _ICMP_CODE))
        self._copy(rows, slice(high, high + 1), octets, self._first(_PHONE, _ICMP_TYPE))

    def _set_times(self, rows: bytearray, octets: bytes, now_ms: int) -> None:
        begun, count = self._times(octets, _BEGUN_AT), len(rows) // ROW.size
        if self._event is Event.ENDED:
            at = self._times(octets, _ENDED_AT) or [now_ms] * count
            seconds = [UNKNOWN_SECONDS] * count
            if begun:
                lasted = (max(end - start, 0) for start, end in zip(begun, at, strict=True))
                seconds = [min(each // _MS_IN_S, UNKNOWN_SECONDS - 1) for each in lasted]
            records.put(rows, SECONDS, struct.pack(f"<{count}I", *seconds))
        else:
            # What is asked for, and not told, has no time of its own but that of its beginning.
            at = self._times(octets, _TOLD_AT) or begun or [now_ms] * count
        records.put(rows, AT, struct.pack(f"<{count}Q", *at))

    def _times(self, octets: bytes, path: _Path) -> list[int]:
        """In milliseconds; empty: not told."""
        at, width = self._places.get(path, (0, 0))
        if width != _TIME_OCTETS:
            return []
        count = len(octets) // self._size
        column = bytearray(count * width)
        for number in range(width):
            column[number::width] = octets[at + number :: self._size]
        return [each // _NS_IN_MS for each in struct.unpack(f">{count}Q", column)]

    def _copy_address(
        self, rows: bytearray, column: slice, octets: bytes, path: _Path | None
    ) -> None:
        at, width = self._places[path or ()]
        if width < ADDRESS_OCTETS:
            count = len(octets) // self._size
            records.put(rows, slice(column.start, column.stop - width), MAPPED * count)
        for number in range(width):
            place = column.stop - width + number
            rows[place :: ROW.size] = octets[at + number :: self._size]

    def _copy(self, rows: bytearray, column: slice, octets: bytes, path: _Path | None) -> None:
        """A number, of which the most significant octet comes first there, and last in a row."""
        at, width = self._places.get(path or (), (0, 0))
        for number in range(min(width, column.stop - column.start)):
            place = at + width - 1 - number
            rows[column.start + number :: ROW.size] = octets[place :: self._size]

    def _first(self, side: int, paths: tuple[_Path, ...]) -> _Path | None:
        return next((path for each in paths if (path := (side, *each)) in self._places), None)


class _Attribute(NamedTuple):
    path: _Path
    at: int
    end: int


def _walk(data: bytes, at: int, end: int, path: _Path = ()) -> Iterator[_Attribute]:
    """Every attribute, also those in others; `at` is where its header is."""
    while at < end:
        if end - at < _ATTRIBUTE.size:
            raise BadMessageError("an attribute is cut off")
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if not _ATTRIBUTE.size <= length <= end - at:
            raise BadMessageError("an attribute lies about its length")
        deeper = (*path, kind & _KIND)
        yield _Attribute(deeper, at, at + length)
        if deeper in _NESTS:
            yield from _walk(data, at + _ATTRIBUTE.size, at + length, deeper)
        at += length + -length % 4
