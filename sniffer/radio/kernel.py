"""Asks and commands the kernel about radios, over netlink sockets.

Whatever is asked for: OSError if the kernel refuses or does not answer, BadMessageError if
it cannot be understood.
"""

import contextlib
import errno
import os
import select
import socket
from collections.abc import Callable

from core import netlink
from core.netlink import BadMessageError, Message
from sniffer.radio import nl80211, rtnetlink
from sniffer.radio.channels import Channel
from sniffer.radio.nl80211 import Interface, Mode, Radio
from sniffer.radio.rtnetlink import Link

_NETLINK_ROUTE, _NETLINK_GENERIC = 0, 16
_LONGEST_ANSWER = 65_536
_PATIENCE_S = 5.0
# A dump is a few messages a radio; more of them than this come from no kernel.
_MOST_MESSAGES = 10_000


class Kernel:
    """Not for use by two threads at the same time."""

    def __init__(self, open_socket: Callable[[int], socket.socket] | None = None) -> None:
        """`open_socket` opens one for a protocol of netlink, when it is first needed."""
        self._generic = _Line(_NETLINK_GENERIC, open_socket or _netlink)
        self._route = _Line(_NETLINK_ROUTE, open_socket or _netlink)
        self._family = 0

    def index_of(self, name: str) -> int:
        return socket.if_nametoindex(name)

    def interface(self, index: int) -> Interface | None:
        return nl80211.read_interface(_one(self._ask(nl80211.ask_for_interface, index)))

    def interfaces(self) -> list[Interface]:
        bodies = self._ask(nl80211.ask_for_interfaces)
        return [found for body in bodies if (found := nl80211.read_interface(body))]

    def radio(self, number: int) -> Radio:
        return nl80211.read_radio(self._ask(nl80211.ask_for_radio, number))

    def link(self, index: int) -> Link | None:
        answers = self._route.ask(lambda sequence: rtnetlink.ask_for_link(sequence, index))
        return next(filter(None, map(rtnetlink.read, answers)), None)

    def set_mode(self, index: int, mode: Mode) -> None:
        self._ask(nl80211.set_mode, index, mode)

    def set_channel(self, index: int, channel: Channel) -> None:
        self._ask(nl80211.set_channel, index, channel)

    def set_up(self, index: int, *, up: bool) -> None:
        self._route.ask(lambda number: rtnetlink.set_up(number, index, up=up))

    def close(self) -> None:
        self._generic.close()
        self._route.close()

    def _ask(self, question: Callable[..., bytes], *about: object) -> list[bytes]:
        """Ask nl80211; the bodies of the answer."""
        try:
            if not self._family:
                told = self._generic.ask(nl80211.ask_for_family)
                self._family = nl80211.read_family(_one([each.body for each in told]))
            family = self._family
            answers = self._generic.ask(lambda sequence: question(family, sequence, *about))
        except FileNotFoundError as error:
            # It gets another number each time that it is loaded.
            self._family = 0
            raise OSError(errno.EPROTONOSUPPORT, os.strerror(errno.EPROTONOSUPPORT)) from error
        return [each.body for each in answers]


class LinkNotices:
    """What the kernel tells, unasked, of all interfaces. Anyone may listen to that."""

    def __init__(self) -> None:
        self._waker, self._wakes = socket.socketpair()
        self._sources = [self._wakes]
        # Without netlink there are no notices, and it is for whoever asks to say why.
        with contextlib.suppress(OSError):
            told = _netlink(_NETLINK_ROUTE)
            self._sources.append(told)
            told.bind((0, rtnetlink.LINK_NOTICES))

    def wait(self, seconds: float) -> list[Link] | None:
        """What was told, after that long at the most. None: it is not known what."""
        readable, _, _ = select.select(self._sources, [], [], max(seconds, 0))
        if not readable:
            return []
        try:
            data = readable[-1].recv(_LONGEST_ANSWER)
            return [link for each in netlink.messages(data) if (link := rtnetlink.read(each))]
        except (OSError, BadMessageError):
            # Of too many, the kernel keeps none (ENOBUFS). And a nudge says nothing.
            return None

    def nudge(self) -> None:
        """End the waiting of another thread, or its next."""
        self._waker.send(b"!")

    def close(self) -> None:
        for each in (*self._sources, self._waker):
            each.close()


class _Line:
    """One netlink socket, on which a question is asked and its answer awaited."""

    def __init__(self, protocol: int, open_socket: Callable[[int], socket.socket]) -> None:
        self._protocol = protocol
        self._open_socket = open_socket
        self._sequence = 0
        self._opened: socket.socket | None = None

    def ask(self, question: Callable[[int], bytes]) -> list[Message]:
        """What it answers: nothing to a command, one or many messages to a question."""
        self._sequence += 1
        asked = question(self._sequence)
        line = self._open()
        line.send(asked)
        [flags] = [each.flags for each in netlink.messages(asked)]
        is_dump = flags & netlink.DUMP == netlink.DUMP
        answers: list[Message] = []
        while len(answers) <= _MOST_MESSAGES:
            said = line.recv(_LONGEST_ANSWER)
            if not said:
                break
            for each in netlink.messages(said):
                # What came too late for its own question may still wait to be read.
                if each.sequence != self._sequence:
                    continue
                if _is_end(each):
                    return answers
                answers.append(each)
                if not is_dump:
                    return answers
        raise BadMessageError("an answer that does not end as it should")

    def close(self) -> None:
        if self._opened:
            self._opened.close()
            self._opened = None

    def _open(self) -> socket.socket:
        if self._opened is None:
            self._opened = self._open_socket(self._protocol)
            self._opened.settimeout(_PATIENCE_S)
        return self._opened


def _netlink(protocol: int) -> socket.socket:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)


def _one(bodies: list[bytes]) -> bytes:
    if len(bodies) != 1:
        raise BadMessageError("an acknowledgement where there should be an answer")
    return bodies[0]


def _is_end(message: Message) -> bool:
    """Whether nothing follows. OSError if it says that the kernel refuses."""
    if message.kind == netlink.ERROR and message.error:
        raise OSError(message.error, os.strerror(message.error))
    return message.kind in (netlink.ERROR, netlink.DONE)
