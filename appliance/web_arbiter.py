"""gunicorn's arbiter, as our web programs of several workers run it.

What it adds: systemd hears that the program answers, from the loop that looks after the workers.
"""

import contextlib
import os
import socket
import time
from typing import Any

from gunicorn.app.wsgiapp import WSGIApplication
from gunicorn.arbiter import Arbiter

from appliance import web_tls
from core import spare_memory
from core.health_answer import ALIVE_PATH
from gate.systemd import ServiceManager

_LOOK_EVERY_S = 5.0
_WITHIN_S = 2.0
# Workers of several threads give a sign of life every second.
_SIGN_LASTS_S = 10.0
_QUESTION = f"GET {ALIVE_PATH} HTTP/1.0\r\nHost: alive.invalid\r\n\r\n".encode()


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
        if _answers(self.LISTENERS[0].getsockname(), is_tls=bool(self.cfg.is_ssl)):
            self._trusts_signs = True
            return True
        return self._trusts_signs and any(map(_lives, self.WORKERS.values()))

    def stop(self, graceful: bool = True) -> None:
        self._service.stopping()
        super().stop(graceful)


def _lives(worker: Any) -> bool:
    with contextlib.suppress(OSError, ValueError):
        # One that has given no sign yet has the time at which its file was made, of another clock.
        age_s: float = time.monotonic() - worker.tmp.last_update()
        return 0 <= age_s <= _SIGN_LASTS_S
    return False


def _answers(address: Any, *, is_tls: bool = False) -> bool:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    if not isinstance(address, str) and ":" in address[0]:
        family = socket.AF_INET6
    with contextlib.suppress(OSError), socket.socket(family) as asking:
        asking.settimeout(_WITHIN_S)
        asking.connect(address)
        with web_tls.unproven(asking) if is_tls else asking as speaking:
            speaking.sendall(_QUESTION)
            return speaking.recv(16).startswith(b"HTTP/1.")
    return False
