"""Tells systemd that a service is ready, that it lives, and how it is doing (sd_notify(3)).

Does nothing where nobody listens: no unit of `Type=notify`, or no systemd at all. Here because
the gate, which may load nothing else of ours, speaks to systemd as well.
"""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Mapping

# Of the time after which systemd takes a silent service for hung.
_SHARE = 4


class ServiceManager:
    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._address = environment.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):
            self._address = "\0" + self._address[1:]
        is_for_us = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        timeout_us = environment.get("WATCHDOG_USEC", "") if is_for_us else ""
        self._live_every_s = int(timeout_us) / 1e6 / _SHARE if timeout_us.isdecimal() else 0.0
        self._lived_at = -self._live_every_s
        self._status = ""
        self._is_ready = False

    def serving(self) -> None:
        """To be called at each turn of the loop that does the work: ready at the first."""
        if not self._is_ready:
            self._is_ready = True
            self.ready()
        self.live()

    def ready(self) -> None:
        self._tell("READY=1")

    def live(self) -> None:
        """To be called as long as the service does its work, as often as one likes."""
        now = self._monotonic()
        if self._live_every_s and now - self._lived_at >= self._live_every_s:
            self._lived_at = now
            self._tell("WATCHDOG=1")

    def say(self, status: str) -> None:
        """One line for `systemctl status`."""
        if status != self._status:
            self._status = status
            self._tell(f"STATUS={status}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        # Who starts us may have gone; the work goes on.
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line,
        ):
            line.setblocking(False)
            line.sendto(message.encode(), self._address)
