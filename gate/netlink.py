"""Asks and commands the kernel about elements of nftables sets, over one netlink socket."""

import errno
import os
import socket
import struct
import time
from collections.abc import Sequence
from typing import Self

from gate import nf_tables
from gate.nf_tables import Add, Delete, Element

_NETLINK_NETFILTER = 12
_SOL_NETLINK, _CAPPED_ACKNOWLEDGEMENT = 270, 10
_ERROR, _DONE = 2, 3
_DUMP_INTERRUPTED = 0x10
_ERROR_NUMBER = struct.Struct("=i")
_LONGEST_ANSWER = 65_536
_PATIENCE_S = 2.0
_DUMP_TRIES = 20
# A set that shrinks from its first size is moved in some tens of milliseconds.
_DUMP_PAUSE_S = 0.02


class Netlink:
    """The sets of one table. Not for use by two threads at the same time.

    Whatever is asked for: OSError if the kernel refuses, or does not answer.
    """

    def __init__(self, table: str) -> None:
        self._table = table
        self._sequence = 0
        self._unread = b""
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        self._socket.settimeout(_PATIENCE_S)
        self._socket.setsockopt(_SOL_NETLINK, _CAPPED_ACKNOWLEDGEMENT, 1)

    def change(self, changes: Sequence[Add | Delete]) -> None:
        """One transaction: all of it holds, or nothing does."""
        first = self._sequence + 1
        last = first + len(changes)
        self._sequence = last + 1
        self._socket.send(nf_tables.batch(self._table, changes, first))
        # The last change is acknowledged. What else is said after an error is passed over.
        while self._answer(first)[1] != last:
            pass

    def find(self, set_name: str, key: bytes) -> Element | None:
        """One element, None if it is not there. However many are, it takes no longer."""
        self._sequence += 1
        self._socket.send(nf_tables.find(self._table, set_name, key, self._sequence))
        try:
            _, _, _, body = self._answer(self._sequence)
        except FileNotFoundError:
            # That is said of a set that is not there as well.
            self._check(set_name)
            return None
        [found] = nf_tables.read_elements(body)
        return found

    def dump(self, set_name: str) -> list[Element]:
        """All elements, each once.

        From one message to the next, the kernel remembers no more than how many it has told
        (Linux, `nft_rhash_walk`). If it moves the set to a table of another size meanwhile, some
        come twice and others not at all. If it drops one whose time is up, another is passed
        over, and nothing shows it. So what takes several messages is read twice: what stayed
        there would have to be passed over both times.
        """
        elements, messages = self._steady(set_name)
        if messages > 1:
            elements |= self._steady(set_name)[0]
        return list(elements.values())

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _steady(self, set_name: str) -> tuple[dict[bytes, Element], int]:
        """The elements, and how many messages they took, while the set was not changed or moved."""
        for _ in range(_DUMP_TRIES):
            elements, messages, whole = self._dump(set_name)
            if whole:
                return elements, messages
            time.sleep(_DUMP_PAUSE_S)
        raise OSError(errno.EBUSY, "the set changed each time it was read")

    def _dump(self, set_name: str) -> tuple[dict[bytes, Element], int, bool]:
        self._sequence += 1
        self._socket.send(nf_tables.dump(self._table, set_name, self._sequence))
        elements: dict[bytes, Element] = {}
        messages, told = 0, 0
        whole = True
        while True:
            kind, _, flags, body = self._answer(self._sequence)
            whole = whole and not flags & _DUMP_INTERRUPTED
            if kind == _DONE:
                # One message misses nothing, whatever comes twice.
                return elements, messages, whole and (messages <= 1 or told == len(elements))
            some = nf_tables.read_elements(body)
            messages += 1
            told += len(some)
            elements.update((each.key, each) for each in some)

    def _check(self, set_name: str) -> None:
        self._sequence += 1
        self._socket.send(nf_tables.find_set(self._table, set_name, self._sequence))
        self._answer(self._sequence)

    def _answer(self, first: int) -> tuple[int, int, int, bytes]:
        """Kind, number, flags and body of the next message that belongs to `first` or later."""
        while True:
            if not self._unread:
                self._unread = self._socket.recv(_LONGEST_ANSWER)
            length, kind, flags, sequence, _ = nf_tables.HEADER.unpack_from(self._unread)
            body = self._unread[nf_tables.HEADER.size : length]
            self._unread = self._unread[length + -length % 4 :]
            # What came too late for its question may still wait to be read.
            if sequence >= first:
                break
        if kind == _ERROR and (number := -_ERROR_NUMBER.unpack_from(body)[0]):
            raise OSError(number, os.strerror(number))
        return kind, sequence, flags, body
