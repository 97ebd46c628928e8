"""Our web server as programs of ours run it, with a page and nothing before it."""

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from appliance import web_server
from appliance.web_server import Place
from tests import free_ports

ROOT = Path(__file__).parents[2]
THREADS = 2


class Served(NamedTuple):
    port: int
    trusting: ssl.SSLContext | None = None
    """How it is spoken to by TLS."""

    def connect(self):
        """Nothing is said yet."""
        with contextlib.ExitStack() as unless_connected:
            connection = unless_connected.enter_context(socket.socket())
            connection.settimeout(10)
            # As over a network: what is sent to somebody who does not read it soon has no place,
            # neither here nor, unless the server asks for it, there.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1000)
            connection.connect(("127.0.0.1", self.port))
            unless_connected.pop_all()
        return connection

    def speak(self):
        """By TLS, where that is what it speaks."""
        connection = self.connect()
        if self.trusting is None:
            return connection
        return self.trusting.wrap_socket(connection, server_hostname="box.example")

    def ask(self, *pieces):
        """All that is answered to a request that comes in pieces."""
        with self.speak() as asking:
            asking.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in pieces:
                asking.sendall(piece)
                time.sleep(0.02 if len(pieces) > 1 else 0)
            return b"".join(iter(lambda: asking.recv(4096), b""))


@contextlib.contextmanager
def serving(pair=None, trusting=None):
    [port] = free_ports.find(1)
    command = web_server.arguments(
        "tests.attack.greeting:create()", Place("127.0.0.1", port, threads=THREADS), pair=pair
    )
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as server:
        place = Served(port, trusting)
        try:
            for _ in range(200):
                with contextlib.suppress(OSError):
                    place.ask(b"GET / HTTP/1.0\r\n\r\n")
                    break
                time.sleep(0.05)
            yield place
        finally:
            os.killpg(server.pid, signal.SIGTERM)
