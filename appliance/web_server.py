"""How our web programs are served: gunicorn, with flags that phones need."""

import os
import sys
from pathlib import Path
from typing import NamedTuple, Protocol

from core.settings import Settings

_WATCHED_WORKER = "appliance.web_arbiter.WatchedWorker"


class Listening(Protocol):
    """Where a program listens."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def workers(self) -> int: ...
    @property
    def threads(self) -> int: ...


class Place(NamedTuple):
    """Where a program listens that has no settings for it."""

    host: str
    port: int
    workers: int = 1
    threads: int = 1


def arguments(
    application: str,
    listening: Listening,
    socket_path: Path | None = None,
    *,
    keep_alive_s: int = 0,
) -> list[str]:
    """The command line of gunicorn for `application` (a WSGI factory).

    With `socket_path` it listens on that Unix socket alone, and on no address.
    """
    host = f"[{listening.host}]" if ":" in listening.host else listening.host
    place = f"unix:{socket_path}" if socket_path else f"{host}:{listening.port}"
    return [
        sys.executable,
        "-m",
        "appliance.web_arbiter",
        application,
        f"--bind={place}",
        f"--workers={listening.workers}",
        # A request that waits (for an SMS carrier, say) keeps its thread, not its worker.
        f"--worker-class={_WATCHED_WORKER if listening.threads > 1 else 'sync'}",
        f"--threads={listening.threads}",
        # Workers share the memory of what is loaded before they are forked. One alone would soon
        # have a second copy of it: Python writes into what it uses.
        *(["--preload"] if listening.workers > 1 else []),
        # None for shoppers: a phone that keeps its connection from before the login would be
        # shown the portal again after it, although the firewall is open by then.
        f"--keep-alive={keep_alive_s}",
        # One socket in the home folder, shared by all instances, would mix them up.
        "--no-control-socket",
        "--worker-tmp-dir=/dev/shm",
        "--graceful-timeout=5",
        "--logger-class=appliance.web_arbiter.WebLog",
    ]


def become(
    application: str,
    listening: Listening,
    settings: Settings,
    socket_path: Path | None = None,
    *,
    keep_alive_s: int = 0,
) -> None:
    """Replace this process with the server. Never returns."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    command = arguments(application, listening, socket_path, keep_alive_s=keep_alive_s)
    os.execv(command[0], command)  # noqa: S606 - our own command line, no shell
