"""A web program of one worker: that worker is the whole program, without an arbiter beside it.

What the arbiter would do is systemd's: it hears from the worker's own loop that it lives, and
starts the program again when it ends. A program less is 12 MiB less, twice on each box.
docs/decisions/0032-one-worker-alone.md has the rest.
"""

import contextlib
import os
import signal
from pathlib import Path
from typing import Any

from gunicorn import sock
from gunicorn.app.base import BaseApplication

from appliance.web_worker import WatchedWorker
from gate.systemd import ServiceManager


class LoneWorker(WatchedWorker):
    """Tells systemd what others tell their arbiter, and ends itself once half of it hangs."""

    def __init__(self, app: BaseApplication) -> None:
        self._service = ServiceManager()
        self.hung = False
        log = app.cfg.logger_class(app.cfg)
        # Before all is loaded: whoever calls meanwhile waits, and is not refused.
        sockets = sock.create_sockets(app.cfg, log)
        super().__init__(1, os.getppid(), sockets, app, app.cfg.timeout, app.cfg, log)

    def init_signals(self) -> None:
        super().init_signals()
        # systemd's, to one that has hung: there is nothing to wait for.
        signal.signal(signal.SIGABRT, signal.SIG_DFL)

    def is_parent_alive(self) -> bool:
        """There is no arbiter that it would have to follow."""
        return True

    def live(self) -> None:
        self._service.serving()

    def hang(self) -> None:
        if not self.hung:
            self.log.error("half of the threads hang")
        self.hung, self.alive = True, False

    def handle_exit(self, sig: int, frame: Any) -> None:
        self.leave_sockets()
        self._service.stopping()
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: Any) -> None:
        # Not at once, as a worker's arbiter would have it: no thread may be left behind.
        self.handle_exit(sig, frame)

    def leave_sockets(self) -> None:
        """Whoever calls from now on by a path finds nobody, and does not wait in vain."""
        for address in self.cfg.address:
            if isinstance(address, str):
                with contextlib.suppress(FileNotFoundError):
                    Path(address).unlink()


def serve(app: BaseApplication) -> int:
    """Until told to end; the status to end with."""
    worker = LoneWorker(app)
    failed = False
    try:
        worker.init_process()
    except Exception:
        worker.log.exception("the program cannot go on")
        failed = True
    worker.leave_sockets()
    status = int(failed or worker.hung)
    if worker.nr_conns:
        # Python would wait for threads that are still with a request; their time is over.
        os._exit(status)
    return status
