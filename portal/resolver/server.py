"""Answers phones before login, over UDP. nftables leads every question of theirs here.

The store's own resolver finds the addresses; phones that are online ask that one directly,
or any other.
"""

import secrets
import selectors
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple, Self

from portal.resolver import message
from portal.resolver.message import Finding, MessageError, Question, Result

# What is asked at once of the store's resolver. One more, and the oldest is forgotten: names
# that are slow on purpose cannot crowd out the others.
_MOST_OPEN = 256
_LONGEST_QUESTION = 512
_LONGEST_FINDING = 4096
_LOOK_UP_S = 0.5
_Ancillary = list[tuple[int, int, bytes]]


class ResolverError(Exception):
    """It cannot serve; the message names what to mend."""


class _Asked(NamedTuple):
    question: Question
    phone: tuple[str, int]
    # The address that was asked, from which the answer has to come.
    from_here: _Ancillary

    def __repr__(self) -> str:
        return "_Asked(hidden)"


class Resolver:
    """Open from the start; use as a context. One thread calls `serve`."""

    def __init__(self, port: int, upstream: tuple[str, int]) -> None:
        try:
            self._phones = _listen(port)
        except OSError as error:
            raise ResolverError(f"cannot listen on UDP port {port} (resolver.port)") from error
        self._upstream = socket.socket(_family(upstream[0]), socket.SOCK_DGRAM)
        # From nobody else is an answer taken.
        self._upstream.connect(upstream)
        self._open: OrderedDict[bytes, _Asked] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._phones.close()
        self._upstream.close()

    @property
    def port(self) -> int:
        return int(self._phones.getsockname()[1])

    def serve(
        self, stop_event: threading.Event, on_turn: Callable[[], None] = lambda: None
    ) -> None:
        """Until stopped; `on_turn` is called again and again, whether phones ask or not."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._phones, selectors.EVENT_READ, self._hear_phone)
            selector.register(self._upstream, selectors.EVENT_READ, self._hear_upstream)
            while not stop_event.is_set():
                on_turn()
                for key, _ in selector.select(_LOOK_UP_S):
                    try:
                        key.data()
                    except (MessageError, OSError):
                        # Nonsense, or one who has left: neither deserves an answer, and the
                        # next one is waiting.
                        continue

    def _hear_phone(self) -> None:
        words, from_here, _, phone = self._phones.recvmsg(_LONGEST_QUESTION, 256)
        asked = _Asked(message.read_question(words), phone, from_here)
        if asked.question.is_too_long:
            self._answer(asked, Finding(Result.REFUSED))
        elif not asked.question.asks_for_addresses:
            self._answer(asked, Finding(Result.FOUND))
        else:
            self._ask(asked)

    def _ask(self, asked: _Asked) -> None:
        number = secrets.token_bytes(2)
        while number in self._open:
            number = secrets.token_bytes(2)
        self._open[number] = asked
        if len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)
        self._upstream.send(message.write_query(asked.question, number))

    def _hear_upstream(self) -> None:
        words = self._upstream.recv(_LONGEST_FINDING)
        asked = self._open.pop(message.number_of(words), None)
        if asked:
            self._answer(asked, message.read_finding(words, asked.question))

    def _answer(self, asked: _Asked, finding: Finding) -> None:
        words = message.write_answer(asked.question, finding)
        self._phones.sendmsg([words], asked.from_here, 0, asked.phone)


def _listen(port: int) -> socket.socket:
    # Both families, IPv4 by mapped addresses.
    phones = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    phones.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    # nftables has changed the address that was asked to one of ours and knows the answer
    # by it; left to itself, the kernel might take another.
    phones.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    try:
        phones.bind(("::", port))
    except OSError:
        phones.close()
        raise
    return phones


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET
