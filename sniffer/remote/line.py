"""The sensor's side of its line to the box: one request, one answer."""

import enum
import socket
import ssl
from typing import Self

from sniffer.remote import protocol
from sniffer.remote.bundle import Bundle
from sniffer.remote.shape import BOX_NAME, Answer, Request

_CONNECT_S = 5.0
_ANSWER_S = 10.0


class Broken(enum.StrEnum):
    """Why there is no line. The sensor counts each."""

    UNREACHABLE = "unreachable"
    """Nobody answers there: the box is off, or its sensor, or the way is cut."""
    NOT_THE_BOX = "not_the_box"
    """Who answers shows no certificate of the store's box that is good today."""
    NOT_TAKEN = "not_taken"
    """The box does not take our certificate: it has ended, or is of another store."""
    LOST = "lost"
    """It was cut, or no answer came in time."""
    NONSENSE = "nonsense"
    """The answer is none that this version knows."""


class LineError(Exception):
    """The line is no more, or never was. The message is the reason."""

    def __init__(self, reason: Broken) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Line:
    """Open as long as nothing goes wrong; then make another one."""

    def __init__(self, place: tuple[str, int], bundle: Bundle) -> None:
        """Connect, or LineError."""
        try:
            plain = socket.create_connection(place, _CONNECT_S)
        except OSError as error:
            raise LineError(Broken.UNREACHABLE) from error
        try:
            # Small messages, each of which waits for its answer.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = bundle.context.wrap_socket(plain, server_hostname=BOX_NAME)
        except OSError as error:
            plain.close()
            raise LineError(_explained(error)) from error
        self._socket.settimeout(_ANSWER_S)
        self._answers = self._socket.makefile("rb")

    def ask(self, request: Request) -> Answer:
        """The box's answer, or LineError."""
        try:
            self._socket.sendall(protocol.write_request(request))
            answer = self._answers.readline(protocol.ANSWER_LIMIT)
        except OSError as error:
            raise LineError(_explained(error)) from error
        if not answer:
            raise LineError(Broken.LOST)
        try:
            return protocol.read_answer(answer)
        except ValueError as error:
            raise LineError(Broken.NONSENSE) from error

    def close(self) -> None:
        self._answers.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _explained(error: OSError) -> Broken:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Broken.NOT_THE_BOX
    if isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or ""):
        # Since TLS 1.3 it comes with the first answer, when the line seemed open.
        return Broken.NOT_TAKEN
    return Broken.LOST
