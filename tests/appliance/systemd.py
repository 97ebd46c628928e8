"""A stand-in of systemd: the socket on which a service says how it is doing."""

import socket
import time

_WITHIN_S = 60


class Systemd:
    def __init__(self, path):
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def __enter__(self):
        self._socket.bind(str(self._path))
        return self

    def __exit__(self, *_):
        self._socket.close()

    def environment(self, watchdog_s):
        """Of the service that is started."""
        return {"NOTIFY_SOCKET": str(self._path), "WATCHDOG_USEC": str(int(watchdog_s * 1e6))}

    def wait_for(self, message, within_s=_WITHIN_S):
        """Until it is told `message`; AssertionError if that does not come."""
        deadline = time.monotonic() + within_s
        while True:
            left_s = deadline - time.monotonic()
            assert left_s > 0, f"no {message}"
            self._socket.settimeout(left_s)
            try:
                told = self._socket.recv(1000).decode()
            except TimeoutError:
                continue
            if message in told.splitlines():
                return

    def forget(self):
        """What was told up to now."""
        self._socket.setblocking(False)
        try:
            while True:
                self._socket.recv(1000)
        except BlockingIOError:
            return

    def falls_silent_for(self, seconds):
        """Whether it hears no more of life, after what may still have been on its way."""
        for _ in range(10):
            try:
                self.wait_for("WATCHDOG=1", seconds)
            except AssertionError:
                return True
        return False
