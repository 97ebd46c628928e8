import contextlib
import selectors
import socket

import pytest

from appliance.web_intake import Intake

REQUEST = b"GET / HTTP/1.1\r\nHost: box.example\r\n\r\n"
FORM = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n"


class Loop:
    """A worker's, and its callers."""

    def __init__(self, closing):
        self._closing, self.now = closing, 0.0
        self._poller = closing.enter_context(selectors.DefaultSelector())
        self.whole, self.left = {}, []
        self.intake = Intake(
            self._poller, self.whole.__setitem__, self.left.append, clock=lambda: self.now
        )

    def call(self, octets=b""):
        """A caller, and its connection as the worker has it."""
        theirs, connection = self.call_silently()
        theirs.sendall(octets)
        self.turn()
        return theirs, connection

    def call_silently(self):
        ours, theirs = (self._closing.enter_context(each) for each in socket.socketpair())
        ours.setblocking(False)
        # Hashed by itself, as those of gunicorn are.
        connection = type("Connection", (), {"sock": ours})()
        self.intake.welcome(connection)
        return theirs, connection

    def turn(self, meanwhile=lambda: None):
        heard = self._poller.select(0)
        meanwhile()
        for key, _ in heard:
            key.data(key.fileobj)
        self.intake.give_up_slow()


@pytest.fixture
def loop():
    with contextlib.ExitStack() as closing:
        yield Loop(closing)


@pytest.mark.parametrize(
    "request_",
    [REQUEST, FORM % 3 + b"a=b", FORM % 40_000, FORM.replace(b"%d", b"0"), REQUEST + b"more"],
    ids=["page", "form", "picture's head", "empty form", "one and a half"],
)
def test_a_request_is_handed_over_when_it_is_there(loop, request_):
    caller, connection = loop.call(request_[:20])
    assert loop.whole == {}

    caller.sendall(request_[20:])
    loop.turn()

    assert loop.whole == {connection: request_}
    assert loop.left == []


@pytest.mark.parametrize("octets", [b"", REQUEST[:-1], FORM % 5 + b"a=b"], ids=["", "head", "form"])
def test_who_is_not_done_after_ten_seconds_is_given_up(loop, octets):
    caller, connection = loop.call(octets)
    loop.now = 9.9
    caller.sendall(b"-")
    loop.turn()
    assert loop.left == []

    loop.now = 10
    loop.turn()

    assert (loop.left, loop.whole) == ([connection], {})


def test_a_head_without_end_is_not_kept(loop):
    caller, connection = loop.call(b"GET / HTTP/1.1\r\nX: ")
    caller.sendall(b"x" * 33_000)
    loop.turn()
    loop.turn()

    assert (loop.left, loop.whole) == ([connection], {})


def test_who_leaves_is_forgotten(loop):
    caller, connection = loop.call(b"GET")
    caller.close()
    loop.turn()

    assert (loop.left, loop.whole) == ([connection], {})


def test_of_too_many_the_oldest_has_to_go(loop):
    _, oldest = loop.call()
    for _ in range(499):
        loop.call()
    assert loop.left == []

    _, newest = loop.call(REQUEST)

    assert loop.left == [oldest]
    assert list(loop.whole) == [newest]


def test_who_had_to_go_is_not_listened_to_any_more(loop):
    caller, oldest = loop.call()
    for _ in range(499):
        loop.call()
    caller.sendall(REQUEST)

    loop.turn(meanwhile=loop.call_silently)

    assert loop.left == [oldest]
    assert loop.whole == {}


def test_at_the_end_only_who_has_begun_is_waited_for(loop):
    _, silent = loop.call()
    caller, speaking = loop.call(b"GET")

    loop.intake.hang_up_on_silent()
    caller.sendall(REQUEST[3:])
    loop.turn()

    assert loop.left == [silent]
    assert list(loop.whole) == [speaking]


def test_a_connection_that_is_closed_already_is_let_go(loop):
    _, connection = loop.call(REQUEST)
    connection.sock.close()

    loop.intake.part(connection)

    assert loop.left == [connection]


def test_who_has_an_answer_is_waited_for_and_not_for_long(loop):
    caller, connection = loop.call(REQUEST)
    _, other = loop.call(REQUEST)
    loop.intake.part(connection)
    loop.intake.part(other)
    loop.turn()
    assert loop.left == []

    caller.close()
    loop.turn()
    assert loop.left == [connection]

    loop.now = 2
    loop.turn()
    assert loop.left == [connection, other]


class BrokenOff:
    """A certificate for a caller that is gone by now."""

    def wrap(self, sock):
        sock.detach()
        raise OSError


def test_who_breaks_off_at_the_handshake_is_let_go(loop):
    loop.intake._certificate = BrokenOff()
    _, connection = loop.call(b"\x16\x03\x01")

    assert (loop.left, loop.whole) == ([connection], {})
    loop.now = 60
    loop.turn()
    assert loop.left == [connection]
