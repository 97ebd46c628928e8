"""How our web programs are served: gunicorn, with flags that phones need."""

import os
import sys
from typing import NamedTuple, Protocol

from core.settings import Settings


class Listening(Protocol):
    """Where a program listens."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def workers(self) -> int: ...


class Place(NamedTuple):
    """Where a program listens that has no settings for it."""

    host: str
    port: int
    workers: int = 1


def arguments(application: str, listening: Listening) -> list[str]:
    """The command line of gunicorn for `application` (a WSGI factory)."""
    host = f"[{listening.host}]" if ":" in listening.host else listening.host
    return [
        sys.executable,
        "-m",
        "gunicorn",
        application,
        f"--bind={host}:{listening.port}",
        f"--workers={listening.workers}",
        "--worker-class=sync",
        # Workers share the memory of what is loaded before they are forked.
        "--preload",
        # A phone that keeps its connection from before the login would be shown the
        # portal again after it, although the firewall is open by then.
        "--keep-alive=0",
        # One socket in the home folder, shared by all instances, would mix them up.
        "--no-control-socket",
        "--worker-tmp-dir=/dev/shm",
        "--graceful-timeout=5",
        # Below this level gunicorn writes addresses of phones and of pages.
        "--log-level=error",
    ]


def become(application: str, listening: Listening, settings: Settings) -> None:
    """Replace this process with the server. Never returns."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    command = arguments(application, listening)
    os.execv(command[0], command)  # noqa: S606 - our own command line, no shell
