"""How our web programs are served: gunicorn, with flags that phones need."""

import os
import sys
from pathlib import Path
from typing import NamedTuple, Protocol

from appliance.web_tls import Certificate
from core.settings import Settings, SettingsError

_WATCHED_WORKER = "appliance.web_worker.WatchedWorker"


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


class Guarded(Listening, Protocol):
    """Where a program of staff's listens."""

    @property
    def chain(self) -> str: ...
    @property
    def key(self) -> str: ...


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
    pair: tuple[str, str] | None = None,
) -> list[str]:
    """The command line of gunicorn for `application` (a WSGI factory).

    With `socket_path` it listens on that Unix socket alone, and on no address. With a `pair` of
    files, certificate and key, it speaks HTTPS.
    """
    is_open = socket_path is None and not keep_alive_s
    host = f"[{listening.host}]" if ":" in listening.host else listening.host
    place = f"unix:{socket_path}" if socket_path else f"{host}:{listening.port}"
    return [
        sys.executable,
        "-m",
        "appliance.web_program",
        application,
        f"--bind={place}",
        f"--workers={listening.workers}",
        # A request that waits (for an SMS carrier, say) keeps its thread, not its worker. Callers
        # of a network's are taken in first, also where there is one thread.
        f"--worker-class={_WATCHED_WORKER if listening.threads > 1 or is_open else 'sync'}",
        f"--threads={listening.threads}",
        # Workers share the memory of what is loaded before they are forked. One alone would soon
        # have a second copy of it: Python writes into what it uses.
        *(["--preload"] if listening.workers > 1 else []),
        # None for shoppers: a phone that keeps its connection from before the login would be
        # shown the portal again after it, although the firewall is open by then.
        f"--keep-alive={keep_alive_s}",
        *([f"--certfile={pair[0]}", f"--keyfile={pair[1]}"] if pair else []),
        # One socket in the home folder, shared by all instances, would mix them up.
        "--no-control-socket",
        "--worker-tmp-dir=/dev/shm",
        "--graceful-timeout=5",
        "--logger-class=appliance.web_log.WebLog",
    ]


def become(
    application: str,
    listening: Listening,
    settings: Settings,
    socket_path: Path | None = None,
    *,
    keep_alive_s: int = 0,
    pair: tuple[str, str] | None = None,
) -> None:
    """Replace this process with the server. Never returns."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    command = arguments(application, listening, socket_path, keep_alive_s=keep_alive_s, pair=pair)
    os.execv(command[0], command)  # noqa: S606 - our own command line, no shell


def pair_of(group: str, listening: Guarded) -> tuple[str, str] | None:
    """The certificate and key that `group` of the settings names, if any; SettingsError if they
    will not do.
    """
    if not listening.chain and not listening.key:
        return None
    try:
        Certificate(listening.chain, listening.key)
    except OSError as error:
        raise SettingsError(
            f"{group}.chain and {group}.key: cannot be read by this user, or are no pair"
        ) from error
    return listening.chain, listening.key
