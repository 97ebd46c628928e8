"""gunicorn as our web programs run it: `python -m appliance.web_arbiter APPLICATION FLAGS`.

What it adds: systemd hears that the program answers, from the loop that looks after the
workers; a worker whose threads hang is replaced; and what gunicorn itself has to say is a line
like any other, without the address of a page.
"""

import contextlib
import logging
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gunicorn import glogging
from gunicorn.app.wsgiapp import WSGIApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from core import spare_memory
from core.health_answer import ALIVE_PATH
from gate.systemd import ServiceManager

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication as Application

_LOOK_EVERY_S = 5.0
_WITHIN_S = 2.0
# Workers of several threads give a sign of life every second.
_SIGN_LASTS_S = 10.0
_QUESTION = f"GET {ALIVE_PATH} HTTP/1.0\r\nHost: alive.invalid\r\n\r\n".encode()
# No honest answer takes so long: the web server in front gives up before.
_STUCK_AFTER_S = 40.0
# What may be in a line: numbers of processes, names of signals.
_PLAIN = re.compile(r"\d+|SIG[A-Z0-9]+")


class WatchedArbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """Asks its own workers what anybody may ask, and tells systemd if one answers.

    With more callers than threads its question waits in the queue with theirs. So once one has
    answered, signs of life of the workers will do, until one had to be ended because it hangs:
    those that come in its place would give signs, too, until they hang as well.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._service = ServiceManager()
        # gunicorn would say that it is ready before it has a worker.
        os.environ.pop("NOTIFY_SOCKET", None)
        self._looked_at = 0.0
        self._trusts_signs = False
        super().__init__(app)

    def setup(self, app: WSGIApplication) -> None:
        super().setup(app)
        # With --preload all is loaded by now.
        spare_memory.give_back()

    def manage_workers(self) -> None:
        """Called by the arbiter's loop, about once a second."""
        super().manage_workers()
        if self.LISTENERS and time.monotonic() - self._looked_at >= _LOOK_EVERY_S:
            self._looked_at = time.monotonic()
            if self.is_served():
                self._service.serving()

    def murder_workers(self) -> None:
        """Called by the arbiter's loop: ends workers that give no more signs."""
        super().murder_workers()
        if any(worker.aborted for worker in self.WORKERS.values()):
            self._trusts_signs = False

    def is_served(self) -> bool:
        if _answers(self.LISTENERS[0].getsockname()):
            self._trusts_signs = True
            return True
        return self._trusts_signs and any(map(_lives, self.WORKERS.values()))

    def stop(self, graceful: bool = True) -> None:
        self._service.stopping()
        super().stop(graceful)


class WatchedWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Gives the arbiter no sign of life once half of its threads hang: then it is replaced."""

    wsgi: Any

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi = self._under_way = UnderWay(self.wsgi)
        if not self.cfg.preload_app:
            spare_memory.give_back()

    def notify(self) -> None:
        if self._under_way.stuck(_STUCK_AFTER_S) < max(self.cfg.threads // 2, 1):
            super().notify()


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


class WebLog(glogging.Logger):  # type: ignore[misc]  # gunicorn has no types
    """Errors alone, and through `core.log`. gunicorn's own lines name pages and quote requests."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self.loglevel = logging.ERROR
        self.error_log = logging.getLogger("web")
        self.error_log.setLevel(logging.ERROR)

    def critical(self, msg: str, *args: object, **_: object) -> None:
        self.error_log.critical(_said(msg, args))

    def error(self, msg: str, *args: object, **_: object) -> None:
        self.error_log.error(_said(msg, args))

    def exception(self, msg: str, *args: object, **_: object) -> None:
        self.error_log.exception(_said(msg, args))

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Nothing: an address and a page are somebody's."""


class _Program(WSGIApplication):  # type: ignore[misc]  # gunicorn has no types
    def run(self) -> None:
        # gunicorn's own `run` adds what daemons and reloaders need; ours are neither.
        WatchedArbiter(self).run()


def _said(message: str, args: tuple[object, ...]) -> str:
    plain = all(_PLAIN.fullmatch(str(each)) for each in args)
    return message % args if args and plain else message.split("%", maxsplit=1)[0].strip()


def _lives(worker: Any) -> bool:
    with contextlib.suppress(OSError, ValueError):
        # One that has given no sign yet has the time at which its file was made, of another clock.
        age_s: float = time.monotonic() - worker.tmp.last_update()
        return 0 <= age_s <= _SIGN_LASTS_S
    return False


def _answers(address: Any) -> bool:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    if not isinstance(address, str) and ":" in address[0]:
        family = socket.AF_INET6
    with contextlib.suppress(OSError), socket.socket(family) as asking:
        asking.settimeout(_WITHIN_S)
        asking.connect(address)
        asking.sendall(_QUESTION)
        return asking.recv(16).startswith(b"HTTP/1.")
    return False


if __name__ == "__main__":
    sys.argv[0] = "gunicorn"
    _Program("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()
