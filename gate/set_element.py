"""Reads one element of a set straight from the kernel, by netlink and without a library.

`nft get element` reads the whole set first: with 5,000 phones online a question about
one of them would take 30 ms. Asked and answered is, with names from nf_tables.h:

    nlmsghdr | nfgenmsg | TABLE | SET | ELEMENTS: LIST_ELEM: KEY: VALUE
    nlmsghdr | nfgenmsg | TABLE | SET | ELEMENTS: LIST_ELEM: KEY, EXPR, …, EXPIRATION

Headers are in the machine's byte order, numbers in attributes are big-endian.
"""

import errno
import os
import socket
import struct
from typing import Self

_NETLINK_NETFILTER = 12
_GET_ELEMENT = 10 << 8 | 13
_NEW_ELEMENT = 10 << 8 | 12
_ERROR = 2
_REQUEST = 1
_INET = 1

# Attributes, each with the one it is in: the message, ELEMENTS, LIST_ELEM, KEY, EXPR.
_TABLE, _SET, _ELEMENTS = 1, 2, 3
_LIST_ELEM = 1
_KEY, _EXPIRATION, _EXPR = 1, 5, 7
_VALUE = 1
_EXPR_DATA = 2
_COUNTER_BYTES = 1
_NESTED = 0x8000

_HEADER = struct.Struct("=IHHII")
_FAMILY = struct.Struct("=BBH")
_ATTRIBUTE = struct.Struct("=HH")
_ERROR_NUMBER = struct.Struct("=i")
_LONGEST_ANSWER = 65_536
_PATIENCE_S = 1.0


class SetElements:
    """One netlink socket. Not for use by two threads at the same time."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        self._socket.settimeout(_PATIENCE_S)
        self._asked = 0

    def find(self, table: str, name: str, key: bytes) -> tuple[int, int] | None:
        """Milliseconds left and bytes counted of an element; None if it is not in the set.

        OSError if the kernel refuses the question or does not answer.
        """
        self._asked += 1
        self._socket.send(_question(table, name, key, self._asked))
        sequence = 0
        # An answer that came too late for its question may still wait to be read.
        while sequence != self._asked:
            answer = self._socket.recv(_LONGEST_ANSWER)
            _, kind, _, sequence, _ = _HEADER.unpack_from(answer)
        body = answer[_HEADER.size :]
        if kind == _NEW_ELEMENT:
            return _time_and_bytes(body[_FAMILY.size :])
        number = -_ERROR_NUMBER.unpack_from(body)[0] if kind == _ERROR else errno.EPROTO
        if number == errno.ENOENT:
            return None
        raise OSError(number, os.strerror(number))

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _question(table: str, name: str, key: bytes, sequence: int) -> bytes:
    element = _attribute(_KEY | _NESTED, _attribute(_VALUE, key))
    body = (
        _FAMILY.pack(_INET, 0, 0)
        + _attribute(_TABLE, table.encode() + b"\0")
        + _attribute(_SET, name.encode() + b"\0")
        + _attribute(_ELEMENTS | _NESTED, _attribute(_LIST_ELEM | _NESTED, element))
    )
    return _HEADER.pack(_HEADER.size + len(body), _GET_ELEMENT, _REQUEST, sequence, 0) + body


def _time_and_bytes(attributes: bytes) -> tuple[int, int]:
    element = _read(_read(_read(attributes)[_ELEMENTS])[_LIST_ELEM])
    counter = _read(_read(element[_EXPR])[_EXPR_DATA])
    return int.from_bytes(element[_EXPIRATION]), int.from_bytes(counter[_COUNTER_BYTES])


def _attribute(kind: int, value: bytes) -> bytes:
    length = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(length, kind) + value + bytes(-length % 4)


def _read(attributes: bytes) -> dict[int, bytes]:
    """Attributes side by side, by kind; those in them are not read yet."""
    found = {}
    at = 0
    while at < len(attributes):
        length, kind = _ATTRIBUTE.unpack_from(attributes, at)
        found[kind & ~_NESTED] = attributes[at + _ATTRIBUTE.size : at + length]
        at += length + -length % 4
    return found
