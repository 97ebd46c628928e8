"""Stands where the portal answers by TLS: with any certificate, and any answer."""

import json
import socket
import ssl
import threading
from typing import Self

NAME = "wifi.store.test"
PORTAL_URL = f"https://{NAME}/"


def answer(
    members=None, *, status="200 OK", kind="application/captive+json", body=None, headers=""
):
    if body is None:
        members = {"captive": True, "user-portal-url": PORTAL_URL} if members is None else members
        body = json.dumps(members).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}"
    return f"{head}\r\n".encode() + body


class StandIn:
    """`certificate` (of trustme) and `answer` may be changed while it runs. None: silence."""

    def __init__(self, listening: socket.socket, certificate) -> None:
        self.certificate = certificate
        self.answer = answer()
        self.asked: list[bytes] = []
        self._listening = listening
        self._thread = threading.Thread(target=self._serve)

    @property
    def port(self) -> int:
        return self._listening.getsockname()[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Wakes the thread that waits in accept().
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                try:
                    self._talk(connection)
                except OSError:
                    continue

    def _talk(self, connection: socket.socket) -> None:
        if self.answer is None:
            while connection.recv(4096):
                pass
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.certificate.configure_cert(context)
        with context.wrap_socket(connection, server_side=True) as secure:
            self.asked.append(secure.recv(4096))
            secure.sendall(self.answer)
            # Its whole way, or the rest of it may be lost with the connection.
            secure.unwrap()
