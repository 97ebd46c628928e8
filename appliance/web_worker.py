"""gunicorn's worker of several threads, as our web programs run it.

One whose threads hang gives no more sign of life. Where callers come from a network, and not
from a web server of ours, it takes requests in before a thread gets them.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gunicorn.http import get_parser
from gunicorn.workers.gthread import TConn, ThreadWorker

from appliance.web_intake import Intake
from appliance.web_tls import Certificate
from core import spare_memory

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication as Application

# No honest answer takes so long: the web server in front gives up before.
_STUCK_AFTER_S = 40.0
# So long may whoever has a thread neither send nor take anything.
_STALLED_S = 20.0
# Room in the kernel for whatever strangers are answered: one that does not read it keeps no thread.
_SEND_OCTETS = 256 * 1024
# What threads took for a request and gave back.
_TRIM_EVERY_S = 60.0


class WatchedWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Gives the arbiter no sign of life once half of its threads hang: then it is replaced.

    Requests are not taken in with connections that are kept: those are a web server's, too.
    """

    wsgi: Any
    _intake: Intake | None = None
    _trim_at = 0.0

    def run(self) -> None:
        pair = Certificate(self.cfg.certfile, self.cfg.keyfile) if self.cfg.is_ssl else None
        self._intake = Intake(self.poller, self._whole, self._leave, certificate=pair)
        super().run()

    def accept(self, listener: Any) -> None:
        if self._intake is None or self.cfg.keepalive or listener.family == socket.AF_UNIX:
            super().accept(listener)
            return
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            sock, address = listener.accept()
            self.nr_conns += 1
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_OCTETS)
            self._intake.welcome(_TakenIn(self.cfg, sock, address, listener.getsockname()))

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Called by the loop once a thread is done with it."""
        if self._intake is not None and isinstance(conn, _TakenIn):
            self._intake.part(conn)
        else:
            super().finish_request(conn, fs)

    def _whole(self, connection: TConn, octets: bytes) -> None:
        connection.init()
        connection.parser.unreader.unread(octets)
        self.enqueue_req(connection)

    def _leave(self, connection: TConn) -> None:
        self.nr_conns -= 1
        connection.close()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi = self._under_way = UnderWay(self.wsgi)
        if not self.cfg.preload_app:
            spare_memory.give_back()
        spare_memory.take_turns()

    def notify(self) -> None:
        """Called by the worker's loop, at least once a second."""
        if time.monotonic() >= self._trim_at:
            self._trim_at = time.monotonic() + _TRIM_EVERY_S
            spare_memory.trim()
        if self._intake is not None:
            self._intake.give_up_slow()
            if not self.alive:
                self._intake.hang_up_on_silent()
        if self._hangs():
            self.hang()
        else:
            self.live()

    def live(self) -> None:
        super().notify()

    def hang(self) -> None:
        """No sign of life is what the arbiter acts upon."""

    def _hangs(self) -> bool:
        half: int = max(self.cfg.threads // 2, 1)
        return self._under_way.stuck(_STUCK_AFTER_S) >= half


class _TakenIn(TConn):  # type: ignore[misc]  # gunicorn has no types
    """A caller whose request is there, and whose TLS, if any, has begun."""

    parser: Any

    def init(self) -> None:
        """By the loop, and again by its thread, which has just made the socket wait for ever."""
        if self.parser is None:
            self.parser = get_parser(self.cfg, self.sock, self.client)
        self.initialized = True
        self.sock.settimeout(_STALLED_S)


class UnderWay:
    """WSGI middleware: knows since when requests wait for the beginning of their answer."""

    def __init__(self, application: "Application") -> None:
        self._application = application
        self._since: dict[int, float] = {}

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        me = threading.get_ident()

        def begin(*told: Any) -> Any:
            # A stream may go on from here for as long as it likes.
            self._since.pop(me, None)
            return start_response(*told)

        self._since[me] = time.monotonic()
        try:
            return self._application(environ, begin)
        finally:
            self._since.pop(me, None)

    def stuck(self, after_s: float) -> int:
        now = time.monotonic()
        return sum(now - each > after_s for each in list(self._since.values()))
