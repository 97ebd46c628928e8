"""Takes requests in, so that a thread of gunicorn's gets each when it is there, not before.

gunicorn gives a thread to every caller, and the thread waits for what it says: a handful of
callers that say nothing, or half of it, hold up everybody. Here they wait in the worker's loop,
where they cost a socket each. Forms are taken in whole; what is larger, a picture say, is handed
over after its head, and the application refuses strangers before it reads on. So it does with
bodies of unknown length.

Callers that have their answer wait here, too, until they have hung up: gunicorn would wait two
seconds for each, with its loop.
"""

import contextlib
import re
import selectors
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from appliance import web_tls
from appliance.web_tls import Certificate

if TYPE_CHECKING:
    from socket import socket

_MOST_OCTETS = 32 * 1024
_WITHIN_S = 10.0
_MOST_CALLERS = 500
_PARTS_WITHIN_S = 2.0
_MOST_PARTING = 250
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r\n", re.IGNORECASE)


class Intake:
    """Callers whose requests are not whole yet, or who have not hung up yet.

    For one loop, which calls all of it.
    """

    def __init__(
        self,
        poller: selectors.BaseSelector,
        whole: Callable[[Any, bytes], None],
        leave: Callable[[Any], None],
        clock: Callable[[], float] = time.monotonic,
        certificate: Certificate | None = None,
    ) -> None:
        """`whole` gets a connection and what it has sent; `leave` one that comes to nothing, and
        one that is over. With a `certificate` callers speak TLS, or are led to it.
        """
        self._poller, self._whole, self._leave, self._clock = poller, whole, leave, clock
        self._certificate = certificate
        # The oldest first.
        self._callers: dict[Any, tuple[float, bytearray]] = {}
        self._parting: dict[Any, float] = {}

    def welcome(self, connection: Any) -> None:
        """`connection.sock` does not block."""
        if len(self._callers) >= _MOST_CALLERS:
            self._dismiss(next(iter(self._callers)))
        self._callers[connection] = (self._clock() + _WITHIN_S, bytearray())
        self._listen(connection)

    def part(self, connection: Any) -> None:
        """It has its answer: wait until it hangs up, so that the answer's end is not cut off."""
        if len(self._parting) >= _MOST_PARTING:
            self._see_off(next(iter(self._parting)))
        try:
            # Nobody's any more, if the caller broke off.
            connection.sock.setblocking(False)
            web_tls.say_goodbye(connection.sock)
        except OSError:
            self._leave(connection)
            return
        self._parting[connection] = self._clock() + _PARTS_WITHIN_S
        self._poller.register(
            connection.sock, selectors.EVENT_READ, lambda sock: self._drain(connection, sock)
        )

    def give_up_slow(self) -> None:
        now = self._clock()
        for connection, (deadline, _) in list(self._callers.items()):
            if deadline > now:
                break
            self._dismiss(connection)
        for connection, deadline in list(self._parting.items()):
            if deadline > now:
                break
            self._see_off(connection)

    def hang_up_on_silent(self) -> None:
        """At the worker's end: who has begun to speak may go on."""
        for connection, (_, octets) in list(self._callers.items()):
            if not octets:
                self._dismiss(connection)

    def _listen(self, connection: Any) -> None:
        self._poller.register(
            connection.sock, selectors.EVENT_READ, lambda sock: self._hear(connection, sock)
        )

    def _hear(self, connection: Any, sock: "socket") -> None:
        if connection not in self._callers:
            # Dismissed for a newer one, whose call was heard in the same turn of the loop.
            return
        octets = self._callers[connection][1]
        try:
            if self._certificate and web_tls.begins(sock):
                self._begin_tls(connection, sock, self._certificate)
                return
            more = web_tls.received(sock, _MOST_OCTETS)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        octets += more
        if not more or (len(octets) > _MOST_OCTETS and _END not in octets):
            self._dismiss(connection)
        elif _is_enough(octets):
            self._forget(connection)
            if self._certificate and not web_tls.is_spoken(sock):
                with contextlib.suppress(OSError):
                    sock.send(web_tls.led_over(bytes(octets)))
                self.part(connection)
            else:
                self._whole(connection, bytes(octets))

    def _begin_tls(self, connection: Any, sock: "socket", certificate: Certificate) -> None:
        self._poller.unregister(sock)
        try:
            connection.sock = certificate.wrap(sock)
        except (OSError, ValueError):
            # The caller has broken off meanwhile.
            del self._callers[connection]
            self._leave(connection)
        else:
            self._listen(connection)

    def _drain(self, connection: Any, sock: "socket") -> None:
        if connection not in self._parting:
            # As in `_hear`.
            return
        try:
            more = sock.recv(_MOST_OCTETS)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        if not more:
            self._see_off(connection)

    def _dismiss(self, connection: Any) -> None:
        self._forget(connection)
        self._leave(connection)

    def _forget(self, connection: Any) -> None:
        del self._callers[connection]
        self._poller.unregister(connection.sock)

    def _see_off(self, connection: Any) -> None:
        del self._parting[connection]
        self._poller.unregister(connection.sock)
        self._leave(connection)


def _is_enough(octets: bytearray) -> bool:
    head = octets.find(_END)
    if head < 0:
        return False
    found = _LENGTH.search(octets, 0, head + 2)
    wanted = head + len(_END) + (int(found[1]) if found else 0)
    return len(octets) >= wanted or wanted > _MOST_OCTETS
