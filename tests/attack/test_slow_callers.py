"""Slow, silent and many, against our web server with nothing before it: the dashboard."""

import contextlib
import socket
import struct

import pytest

from tests.attack.served import THREADS, Served

HELD = 100
FORM = b"POST / HTTP/1.1\r\nHost: box.example\r\nContent-Length: %d\r\n\r\n"
SMALL_LETTERS = b"POST / HTTP/1.1\r\nhost:x\r\ncontent-length:4\r\n\r\n"
SLOW = {
    "silent": b"",
    "half a line": b"GET /memb",
    "half a header": b"GET / HTTP/1.1\r\nHost: box.example\r\nX-Slow: ",
    "half a form": FORM % 100 + b"name=",
}


# A record that says it has 512 octets of handshake, and has three.
HALF_A_HANDSHAKE = b"\x16\x03\x01\x02\x00\x01\x00\x01"


@pytest.mark.parametrize("sort", SLOW)
def test_slow_callers_keep_nobody_else_waiting(web, sort):
    with contextlib.ExitStack() as closing:
        for _ in range(HELD):
            # By TLS their handshake alone never comes to an end, or is half a record.
            closing.enter_context(web.connect()).sendall(SLOW[sort])

        assert_answered(web)


@pytest.mark.parametrize("sort", ["half a header", "half a form"])
def test_slow_callers_with_a_handshake_keep_nobody_else_waiting(served_by_tls, sort):
    with contextlib.ExitStack() as closing:
        for _ in range(HELD):
            closing.enter_context(served_by_tls.speak()).sendall(SLOW[sort])

        assert_answered(served_by_tls)


def test_half_a_handshake_keeps_nobody_else_waiting(served_by_tls):
    with contextlib.ExitStack() as closing:
        for _ in range(HELD):
            closing.enter_context(served_by_tls.connect()).sendall(HALF_A_HANDSHAKE)

        assert_answered(served_by_tls)


@pytest.mark.parametrize("asked", [b"/", b"/?100000"], ids=["little", "much"])
def test_who_has_an_answer_and_does_not_hang_up_keeps_nobody_else_waiting(web, asked):
    with contextlib.ExitStack() as closing:
        for _ in range(HELD):
            closing.enter_context(web.speak()).sendall(b"GET %s HTTP/1.1\r\n\r\n" % asked)

        assert_answered(web)


@pytest.mark.parametrize(
    ("pieces", "octets"),
    [
        pytest.param([b"GET / HTTP/1.1\r\nHo", b"st: x\r\n\r\n"], 0, id="head"),
        pytest.param([FORM % 8 + b"na", b"me=", b"abc"], 8, id="form"),
        pytest.param([SMALL_LETTERS, b"abcd"], 4, id="small letters"),
        pytest.param([FORM % 30_000 + b"x" * 30_000], 30_000, id="large form"),
        pytest.param([FORM % 300_000, b"x" * 100_000, b"x" * 200_000], 300_000, id="picture"),
    ],
)
def test_what_comes_in_pieces_is_answered_once_it_is_whole(web, pieces, octets):
    assert web.ask(*pieces).endswith(b" %d octets" % octets)


def test_a_large_answer_comes_whole(web):
    assert len(web.ask(b"GET /?3000000 HTTP/1.1\r\n\r\n")) > 3_000_000


def test_who_leaves_half_way_is_forgotten(web):
    for _ in range(3 * THREADS):
        with web.speak() as leaving:
            leaving.sendall(SLOW["half a form"])

    assert_answered(web)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x16",
        HALF_A_HANDSHAKE,
        SLOW["half a form"],
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /?100000 HTTP/1.1\r\n\r\n",
    ],
    ids=["nothing", "one octet", "half a handshake", "half a form", "little", "much"],
)
@pytest.mark.parametrize("speaks", [Served.connect, Served.speak], ids=["raw", "speaking"])
def test_who_breaks_off_ends_nothing_but_their_own(web, octets, speaks):
    for _ in range(20):
        with contextlib.suppress(OSError), speaks(web) as leaving:
            leaving.sendall(octets)
            # The other end is told by a reset, at whatever it is about to do.
            leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert_answered(web)


def assert_answered(web):
    for _ in range(3 * THREADS):
        assert web.ask(b"GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200")
