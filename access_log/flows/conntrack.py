"""What the kernel tells of connections (ctnetlink), read in bulk: octets in, rows out. Pure.

Names and numbers are those of linux/netfilter/nfnetlink_conntrack.h. One message is

    nlmsghdr | nfgenmsg: family u8, version u8, u16 | TUPLE_ORIG, TUPLE_REPLY, ID, STATUS, MARK, …

and nearly all are of a few shapes. Of each shape one message is read by the rules; the others are
known to be like it by their headers, and what they say is taken from the same places, all at once.
Numbers in attributes are big-endian.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from access_log.flows import records
from access_log.flows.records import ADDRESS_OCTETS, MAPPED, UNKNOWN_SECONDS, Event, Rows
from core.netlink import DUMP, REQUEST, BadMessageError, message

LONGEST = 512
"""Octets of a message; those with more (labels, helpers of other programs) are not read."""

_CONNTRACK = 1
_NEW, _GET, _DELETE = _CONNTRACK << 8, _CONNTRACK << 8 | 1, _CONNTRACK << 8 | 2
_ANY_FAMILY = bytes(4)
_HEADERS = 20
_HEADER = struct.Struct("=IH")
_ATTRIBUTE = struct.Struct("=HH")
_KIND = 0x3FFF

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

Octets = NDArray[np.uint8]
_Path = tuple[int, ...]


def ask_for_all(sequence: int) -> bytes:
    """The question for all connections that there are; answered as if they began now."""
    return message(_GET, REQUEST | DUMP, sequence, _ANY_FAMILY)


def read(messages: Octets, sizes: NDArray[np.intp], now_ms: int) -> tuple[Rows, int]:
    """The rows of messages, each of which is a line of an array of `LONGEST` columns.

    Args:
        messages: as received.
        sizes: octets of each; more than `LONGEST`: it was cut off.
        now_ms: taken where the kernel says no time.

    Returns:
        The rows, and how many messages could not be read.
    """
    found = [records.empty()]
    left = np.flatnonzero(sizes <= LONGEST)
    unread = len(messages) - len(left)
    while len(left):
        first = left[0]
        try:
            shape = _Shape(messages[first], int(sizes[first]))
        except BadMessageError:
            unread += 1
            left = left[1:]
            continue
        fits = shape.fits(messages[left], sizes[left])
        if shape.event:
            found.append(shape.read(messages[left[fits]], now_ms))
        left = left[~fits]
    return np.concatenate(found), unread


class _Shape:
    """The headers of one message, and where its values are."""

    def __init__(self, message: Octets, size: int) -> None:
        data = message.tobytes()
        length, kind = _HEADER.unpack_from(data)
        if not _HEADERS <= length <= size <= LONGEST:
            raise BadMessageError("a message lies about its length")
        self._size = size
        self._places: dict[_Path, tuple[int, int]] = {}
        fixed = [*range(8), 16]
        for path, at, end in _leaves(data, _HEADERS, length):
            self._places[path] = (at, end - at)
        for at in _heads(data, _HEADERS, length):
            fixed += range(at, at + _ATTRIBUTE.size)
        self._fixed = np.array(fixed)
        self._template = message[self._fixed]
        self.event = {_NEW: Event.BEGUN, _DELETE: Event.ENDED}.get(kind)
        if not all(self._first(side, _SOURCE) for side in (_PHONE, _ANSWER)):
            # Not about a connection: nothing of it is kept.
            self.event = None

    def fits(self, messages: Octets, sizes: NDArray[np.intp]) -> NDArray[np.bool_]:
        is_like = (messages[:, self._fixed] == self._template).all(axis=1)
        fits: NDArray[np.bool_] = is_like & (sizes == self._size)
        return fits

    def read(self, messages: Octets, now_ms: int) -> Rows:
        rows = records.empty(len(messages))
        rows["event"] = self.event
        rows["source"] = self._address(messages, _PHONE, _SOURCE)
        # Who answers: of what the box redirects to itself, the box.
        rows["destination"] = self._address(messages, _ANSWER, _SOURCE)
        rows["public"] = self._address(messages, _ANSWER, _DESTINATION)
        rows["protocol"] = self._number(messages, (_PHONE, *_PROTOCOL))
        rows["mark"] = self._number(messages, _MARK)
        self._read_ports(messages, rows)
        self._read_times(messages, rows, now_ms)
        rows["bytes_up"] = self._number(messages, _BYTES_UP)
        rows["bytes_down"] = self._number(messages, _BYTES_DOWN)
        return rows

    def _read_ports(self, messages: Octets, rows: Rows) -> None:
        if (_PHONE, *_SOURCE_PORT) in self._places:
            rows["source_port"] = self._number(messages, (_PHONE, *_SOURCE_PORT))
            rows["destination_port"] = self._number(messages, (_ANSWER, *_SOURCE_PORT))
            rows["public_port"] = self._number(messages, (_ANSWER, *_DESTINATION_PORT))
            return
        echo, answer = self._first(_PHONE, _ECHO_ID), self._first(_ANSWER, _ECHO_ID)
        kind, code = self._first(_PHONE, _ICMP_TYPE), self._first(_PHONE, _ICMP_CODE)
        if echo and answer and kind and code:
            rows["source_port"] = self._number(messages, echo)
            rows["public_port"] = self._number(messages, answer)
            rows["destination_port"] = self._number(messages, kind) << np.uint64(8)
            rows["destination_port"] |= self._number(messages, code).astype(np.uint16)

    def _read_times(self, messages: Octets, rows: Rows, now_ms: int) -> None:
        rows["at"] = now_ms
        # What is asked for, and not told, has no time of its own but that of its beginning.
        for told in (_ENDED_AT,) if self.event is Event.ENDED else (_BEGUN_AT, _TOLD_AT):
            if told in self._places:
                rows["at"] = self._number(messages, told) // _NS_IN_MS
        if self.event is Event.ENDED:
            rows["seconds"] = UNKNOWN_SECONDS
            if _BEGUN_AT in self._places:
                begun = self._number(messages, _BEGUN_AT) // _NS_IN_MS
                lasted = np.maximum(rows["at"].astype(np.int64) - begun.astype(np.int64), 0)
                rows["seconds"] = np.minimum(lasted // _MS_IN_S, UNKNOWN_SECONDS - 1)

    def _address(self, messages: Octets, side: int, paths: tuple[_Path, ...]) -> Octets:
        addresses = np.zeros((len(messages), ADDRESS_OCTETS), np.uint8)
        path = self._first(side, paths)
        if path:
            at, width = self._places[path]
            addresses[:, : len(MAPPED)] = np.frombuffer(MAPPED, np.uint8)
            addresses[:, ADDRESS_OCTETS - width :] = messages[:, at : at + width]
        return addresses

    def _number(self, messages: Octets, path: _Path) -> NDArray[np.uint64]:
        numbers = np.zeros(len(messages), np.uint64)
        at, width = self._places.get(path, (0, 0))
        for octet in range(at, at + width):
            numbers = numbers << np.uint64(8) | messages[:, octet]
        return numbers

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


def _heads(data: bytes, at: int, end: int) -> Iterator[int]:
    return (each.at for each in _walk(data, at, end))


def _leaves(data: bytes, at: int, end: int) -> Iterator[tuple[_Path, int, int]]:
    for each in _walk(data, at, end):
        if each.path not in _NESTS:
            yield each.path, each.at + _ATTRIBUTE.size, each.end
