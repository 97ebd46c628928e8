"""Slow, silent and many: one phone's trouble is nobody else's."""

import concurrent.futures
import contextlib
import select
import socket
import time
from urllib.parse import urlencode

import pytest

from tests.portal.front.fronted import NAME

HELD = 200
# A server that waited for the slow ones would take longer by far, or for ever.
WITHIN_S = 10
_GIVES_UP_WITHIN_S = 30

SORTS = {
    "silent": b"",
    "half a line": b"GET /generate_2",
    "half a header": b"GET / HTTP/1.1\r\nHost: g.cn\r\nX-Slow: ",
    "half a form": (
        f"POST /login HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/x-www-form-urlencoded"
        "\r\nContent-Length: 100\r\n\r\nphone="
    ).encode(),
}


@contextlib.contextmanager
def held(address, octets, count=HELD):
    """So many connections that have sent so much and no more, each from a phone of its own."""
    with contextlib.ExitStack() as closing:
        connections = []
        for number in range(count):
            connection = socket.create_connection(
                address, timeout=10, source_address=(f"127.0.4.{number + 1}", 0)
            )
            closing.enter_context(connection)
            connection.sendall(octets)
            connections.append(connection)
        yield connections


def answers_others(fronted):
    start = time.monotonic()
    for number in range(10):
        phone = f"127.0.5.{number + 1}"
        assert fronted.ask("/", host="g.cn", phone=phone).status == 302
        assert fronted.ask("/", phone=phone).status == 200
    assert time.monotonic() - start < WITHIN_S


@pytest.mark.parametrize("sort", SORTS)
def test_200_slow_phones_hold_up_nobody(fronted, sort):
    with held(("127.0.0.1", fronted.http_port), SORTS[sort]):
        answers_others(fronted)


@pytest.mark.parametrize("octets", [b"", b"\x16\x03\x01\x02\x00\x01"], ids=["silent", "half"])
def test_200_half_open_handshakes_hold_up_nobody(secure, octets):
    with held(("127.0.0.1", secure.https_port), octets):
        answers_others(secure)


def test_whoever_is_slow_is_given_up(fronted):
    address = ("127.0.0.1", fronted.http_port)
    with contextlib.ExitStack() as closing:
        waiting = set()
        for octets in SORTS.values():
            waiting.update(closing.enter_context(held(address, octets, count=1)))
        deadline = time.monotonic() + _GIVES_UP_WITHIN_S
        while waiting:
            assert time.monotonic() < deadline
            # Its end, or a word and then its end.
            waiting -= set(select.select(waiting, [], [], 1)[0])


@contextlib.contextmanager
def hanging_carrier(fronted):
    """It takes connections and says nothing, until it breaks them all off at the end."""
    with socket.create_server(fronted.carrier, backlog=100):
        yield


def ask_code(fronted, number, phone):
    body = urlencode({"phone": f"13800139{number:03}", "terms": "yes"})
    return fronted.ask("/login", method="POST", body=body, phone=phone).status


def test_a_carrier_that_hangs_keeps_nobody_else_waiting(fronted):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        with hanging_carrier(fronted):
            asking = [
                pool.submit(ask_code, fronted, number, f"127.0.6.{number + 1}")
                for number in range(8)
            ]
            answered = 0
            # However slow this machine is: the portal gives the carrier up after a while.
            while answered < 20 and not any(each.done() for each in asking):
                phone = f"127.0.7.{answered + 1}"
                assert fronted.ask("/", phone=phone).status == 200
                answered += 1
            # One might have waited until then.
            assert answered > 1
        assert {each.result() for each in asking} == {503}


def test_one_phone_cannot_take_all_threads_of_the_portal(fronted):
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        with hanging_carrier(fronted):
            asking = [pool.submit(ask_code, fronted, 900, "127.0.8.1") for _ in range(12)]
            answered = concurrent.futures.as_completed(asking)
            # Others may be told meanwhile that a code is on its way.
            assert 429 in (each.result() for each in answered)
            assert not all(each.done() for each in asking)
        assert {each.result() for each in asking} >= {429, 503}
