"""A network namespace where `ip netns` cannot make one: nothing here is written to a disk."""

import ctypes
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tests.kernel.commands import run

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_T = TypeVar("_T")


class Place:
    """One thread that lives in a namespace of its own, on a cable to the outside."""

    def __init__(self, cable: str, near: str, far: str, mac: str) -> None:
        """Lay `cable` with address `near`; it ends as eth0 in here, with `far` and `mac`."""
        self._thread = ThreadPoolExecutor(1)
        thread_id = self.call(_unshare)
        inside = f"/proc/{os.getpid()}/task/{thread_id}/ns/net"
        run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", inside)
        for call, name, address in ((_here, cable, near), (self.call, "eth0", far)):
            call(lambda: run("ip", "address", "add", f"{address}/24", "dev", name))  # noqa: B023 - called at once
        self.call(lambda: run("ip", "link", "set", "eth0", "address", mac, "up"))
        run("ip", "link", "set", cable, "up")
        self.call(lambda: run("ip", "route", "add", "default", "via", near))

    def call(self, function: Callable[[], _T]) -> _T:
        return self._thread.submit(function).result()

    def datagrams(self) -> socket.socket:
        sending = self.call(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sending.settimeout(0.5)
        return sending


def _here(function: Callable[[], _T]) -> _T:
    return function()


def _unshare() -> int:
    if _libc.unshare(_CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare failed")
    return threading.get_native_id()
