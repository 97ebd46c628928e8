"""How long a packet takes through the box and back, answered by the internet's kernel.

Called inside the phones' namespace.
"""

import contextlib
import os
import socket
import struct
import time
from typing import Self

_ECHO_REQUEST, _ECHO_REPLY = 8, 0
_IP_HEADER = 20
_ECHO = struct.Struct("!BBHHH")
_PATIENCE_S = 1.0


def times_us(source: str, address: str, count: int) -> list[float]:
    """Of `count` echoes, one after the other. OSError: one stayed away or was refused."""
    with _Echo(source, address) as echo:
        return [1e6 * echo.once() for _ in range(count)]


def wait(source: str, address: str, within_s: float) -> None:
    """Until a packet has passed and come back, asking again and again. TimeoutError: none did."""
    deadline = time.perf_counter() + within_s
    with _Echo(source, address) as echo:
        while time.perf_counter() < deadline:
            with contextlib.suppress(ConnectionError):
                echo.once()
                return
    raise TimeoutError("no packet passes")


class _Echo:
    def __init__(self, source: str, address: str) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self._socket.settimeout(_PATIENCE_S)
        self._socket.bind((source, 0))
        self._address = address
        self._identity = os.getpid() & 0xFFFF
        self._sent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def once(self) -> float:
        """Seconds there and back. ConnectionError: refused on the way."""
        self._sent += 1
        asked = (self._identity, self._sent & 0xFFFF)
        packet = _packet(*asked)
        start = time.perf_counter()
        self._socket.sendto(packet, (self._address, 0))
        while True:
            answer = self._socket.recv(2048)
            took_s = time.perf_counter() - start
            kind, _, _, *of = _ECHO.unpack_from(answer, _IP_HEADER)
            if kind == _ECHO_REPLY and tuple(of) == asked:
                return took_s
            if kind not in {_ECHO_REPLY, _ECHO_REQUEST}:
                raise ConnectionError("refused")


def _packet(identity: int, number: int) -> bytes:
    body = bytes(56)
    header = _ECHO.pack(_ECHO_REQUEST, 0, 0, identity, number)
    total = sum(struct.unpack("!4H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return _ECHO.pack(_ECHO_REQUEST, 0, ~total & 0xFFFF, identity, number) + body
