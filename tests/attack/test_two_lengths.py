"""Requests that two web servers could read in two ways, so that one hides in another."""

import pytest

HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: box.example\r\n\r\n"
ODD = {
    "both lengths": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 48\r\n\r\n",
    "two in one": b"Content-Length: 0, 48\r\n\r\n",
    "a signed length": b"Content-Length: +0\r\n\r\n",
    "a negative length": b"Content-Length: -1\r\n\r\n",
    "a length of other digits": "Content-Length: \N{FULLWIDTH DIGIT FOUR}\r\n\r\n".encode(),
    "a blank before the colon": b"Content-Length : 48\r\n\r\n",
    "a name that goes on": b"Transfer_Encoding: chunked\r\nTransfer-Encoding: xchunked\r\n\r\n",
    "an encoding twice": b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n",
    "a folded line": b"X: 1\r\n Content-Length: 48\r\n\r\n",
    "an end in a value": b"X: 1\0\r\n\r\n",
}


@pytest.mark.parametrize("sort", ODD)
def test_what_can_be_read_in_two_ways_is_refused(served, sort):
    answer = served.ask(b"POST / HTTP/1.1\r\nHost: box.example\r\n" + ODD[sort] + HIDDEN)

    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")), answer[:200]
    assert answer.count(b"HTTP/1.") == 1


def test_what_follows_a_whole_request_is_not_heard(served):
    answer = served.ask(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n" + HIDDEN)

    assert answer.count(b"HTTP/1.1 200") == 1
