"""The kernel's own language for elements of nftables sets: netlink messages as bytes. Pure.

Names and numbers are those of linux/netfilter/nf_tables.h. A change or a question is

    nlmsghdr | nfgenmsg | TABLE | SET | ELEMENTS: LIST_ELEM: KEY: VALUE, TIMEOUT, EXPR, ...

and what the kernel tells of elements has the same form. Headers are in the machine's byte
order, numbers in attributes are big-endian, but for marks.
"""

import socket
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_INET = 1
_NETFILTER_TABLES = 10
_SUBSYSTEM = _NETFILTER_TABLES << 8
_BATCH_BEGIN, _BATCH_END = 0x10, 0x11
_GET_SET = _SUBSYSTEM | 10
NEW_ELEMENT, _GET_ELEMENT, _DELETE_ELEMENT = _SUBSYSTEM | 12, _SUBSYSTEM | 13, _SUBSYSTEM | 14

_REQUEST, _ACKNOWLEDGE, _DUMP, _CREATE = 0x1, 0x4, 0x300, 0x400

# Attributes, each with the one it is in: the message, ELEMENTS, LIST_ELEM, KEY and DATA, EXPR.
_TABLE, _SET, _ELEMENTS = 1, 2, 3
_LIST_ELEM = 1
_KEY, _DATA, _TIMEOUT, _EXPIRATION, _EXPR = 1, 2, 4, 5, 7
_VALUE = 1
_EXPR_NAME, _EXPR_DATA = 1, 2
_COUNTER_BYTES = 1
_LIMIT_RATE, _LIMIT_UNIT, _LIMIT_BURST, _LIMIT_TYPE, _LIMIT_FLAGS = 1, 2, 3, 4, 5
_QUOTA_BYTES, _QUOTA_FLAGS = 1, 2
_OF_BYTES, _OVER = 1, 1
_NESTED = 0x8000

HEADER = struct.Struct("=IHHII")
FAMILY = struct.Struct("=BBH")
_ATTRIBUTE = struct.Struct("=HH")

# Where in an element its values are, as the kinds that lead there.
_KEY_PATH = (_LIST_ELEM, _KEY, _VALUE)
_LEFT_PATH = (_LIST_ELEM, _EXPIRATION)
_BYTES_PATH = (_LIST_ELEM, _EXPR, _EXPR_DATA, _COUNTER_BYTES)
_WANTED = (_KEY_PATH, _LEFT_PATH, _BYTES_PATH)
_FOLDERS = {(_LIST_ELEM,), (_LIST_ELEM, _KEY), (_LIST_ELEM, _EXPR), _BYTES_PATH[:-1]}


class Limit(NamedTuple):
    """Matches what is faster than this."""

    bytes_s: int
    burst: int


class Quota(NamedTuple):
    """Matches what comes after so many bytes."""

    bytes: int


class Add(NamedTuple):
    """An element that is there already stays as it is."""

    set_name: str
    key: bytes
    timeout_ms: int | None = None
    data: bytes | None = None
    """What a map has for the key."""
    expression: Limit | Quota | None = None

    def __repr__(self) -> str:
        return "Add(hidden)"


class Delete(NamedTuple):
    """An element that is not there is an error."""

    set_name: str
    key: bytes

    def __repr__(self) -> str:
        return "Delete(hidden)"


class Element(NamedTuple):
    key: bytes
    left_ms: int
    bytes: int
    """Of its counter; 0 without one."""


def batch(table: str, changes: Sequence[Add | Delete], sequence: int) -> bytes:
    """One transaction. Its messages are numbered on from `sequence`; the last is acknowledged."""
    frame = FAMILY.pack(0, 0, socket.htons(_NETFILTER_TABLES))
    messages = [_message(_BATCH_BEGIN, _REQUEST, sequence, frame)]
    last = sequence + len(changes)
    for change in changes:
        sequence += 1
        kind, flags = (NEW_ELEMENT, _CREATE) if isinstance(change, Add) else (_DELETE_ELEMENT, 0)
        # The last of the changes; the end of a batch is never acknowledged.
        if sequence == last:
            flags |= _ACKNOWLEDGE
        body = _body(table, change.set_name, _element(change))
        messages.append(_message(kind, _REQUEST | flags, sequence, body))
    messages.append(_message(_BATCH_END, _REQUEST, sequence + 1, frame))
    return b"".join(messages)


def find(table: str, set_name: str, key: bytes, sequence: int) -> bytes:
    """The question for one element."""
    body = _body(table, set_name, _element(Delete(set_name, key)))
    return _message(_GET_ELEMENT, _REQUEST, sequence, body)


def find_set(table: str, set_name: str, sequence: int) -> bytes:
    """The question whether there is such a set."""
    return _message(_GET_SET, _REQUEST, sequence, _body(table, set_name))


def dump(table: str, set_name: str, sequence: int) -> bytes:
    """The question for all elements."""
    return _message(_GET_ELEMENT, _REQUEST | _DUMP, sequence, _body(table, set_name))


def read_elements(body: bytes) -> list[Element]:
    """The elements in one message of the kernel, its header taken off."""
    for kind, start, end in _attributes(body, FAMILY.size, len(body)):
        if kind == _ELEMENTS:
            return _read(body[start:end])
    return []


def _read(elements: bytes) -> list[Element]:
    """Nearly always all are of one shape; reading them by it takes a tenth of the time."""
    if not elements:
        return []
    shape = _Shape(elements[: _padded(_ATTRIBUTE.unpack_from(elements)[0])])
    if shape.fits(elements):
        return shape.read(elements)
    singles = (
        elements[start - _ATTRIBUTE.size : start + _padded(end - start)]
        for _, start, end in _attributes(elements, 0, len(elements))
    )
    return [each for single in singles for each in _Shape(single).read(single)]


class _Shape:
    """Where the values of one element are, and the headers between them that say so."""

    def __init__(self, element: bytes) -> None:
        heads, values, at = ">", ">", 0
        self._places = dict.fromkeys(_WANTED, -1)
        for path, start, end in _leaves(element, 0, len(element)):
            heads += f"{start - at}s{end - start}x"
            values += f"{start - at}x"
            if path in _WANTED:
                self._places[path] = sum(place >= 0 for place in self._places.values())
                values += f"{end - start}s" if path == _KEY_PATH else "Q"
            else:
                values += f"{end - start}x"
            at = end
        self._heads = struct.Struct(f"{heads}{len(element) - at}s")
        self._values = struct.Struct(f"{values}{len(element) - at}x")
        self._template = self._heads.unpack(element)

    def fits(self, elements: bytes) -> bool:
        return len(elements) % self._heads.size == 0 and (
            set(self._heads.iter_unpack(elements)) == {self._template}
        )

    def read(self, elements: bytes) -> list[Element]:
        key, left, count = self._places.values()
        # A value that is not there is the 0 behind the others.
        rows = ((*row, 0) for row in self._values.iter_unpack(elements))
        return [Element(row[key], row[left], row[count]) for row in rows]


def _leaves(
    data: bytes, start: int, end: int, path: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Each value with the kinds that lead to it, and where it is."""
    for kind, inner, after in _attributes(data, start, end):
        deeper = (*path, kind)
        if deeper in _FOLDERS:
            yield from _leaves(data, inner, after, deeper)
        else:
            yield deeper, inner, after


def _attributes(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The attributes side by side: kind, and where the value is."""
    while start < end:
        length, kind = _ATTRIBUTE.unpack_from(data, start)
        if not _ATTRIBUTE.size <= length <= end - start:
            raise ValueError("a netlink attribute is cut off")
        yield kind & ~_NESTED, start + _ATTRIBUTE.size, start + length
        start += _padded(length)


def _message(kind: int, flags: int, sequence: int, body: bytes) -> bytes:
    return HEADER.pack(HEADER.size + len(body), kind, flags, sequence, 0) + body


def _body(table: str, set_name: str, element: bytes = b"") -> bytes:
    body = (
        FAMILY.pack(_INET, 0, 0)
        + _attribute(_TABLE, table.encode() + b"\0")
        + _attribute(_SET, set_name.encode() + b"\0")
    )
    return body + _nest(_ELEMENTS, _nest(_LIST_ELEM, element)) if element else body


def _element(change: Add | Delete) -> bytes:
    element = _nest(_KEY, _attribute(_VALUE, change.key))
    if isinstance(change, Delete):
        return element
    if change.data is not None:
        element += _nest(_DATA, _attribute(_VALUE, change.data))
    if change.timeout_ms is not None:
        element += _attribute(_TIMEOUT, change.timeout_ms.to_bytes(8))
    if change.expression is not None:
        element += _nest(_EXPR, _expression(change.expression))
    return element


def _expression(wanted: Limit | Quota) -> bytes:
    match wanted:
        case Limit(bytes_s, burst):
            name = b"limit\0"
            data = (
                _attribute(_LIMIT_RATE, bytes_s.to_bytes(8))
                + _attribute(_LIMIT_UNIT, (1).to_bytes(8))
                + _attribute(_LIMIT_BURST, burst.to_bytes(4))
                + _attribute(_LIMIT_TYPE, _OF_BYTES.to_bytes(4))
                + _attribute(_LIMIT_FLAGS, _OVER.to_bytes(4))
            )
        case Quota(count):
            name = b"quota\0"
            data = _attribute(_QUOTA_BYTES, count.to_bytes(8)) + _attribute(
                _QUOTA_FLAGS, _OVER.to_bytes(4)
            )
    return _attribute(_EXPR_NAME, name) + _nest(_EXPR_DATA, data)


def _nest(kind: int, attributes: bytes) -> bytes:
    return _attribute(kind | _NESTED, attributes)


def _attribute(kind: int, value: bytes) -> bytes:
    length = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(length, kind) + value.ljust(_padded(len(value)), b"\0")


def _padded(length: int) -> int:
    return length + -length % 4
