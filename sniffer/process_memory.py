"""Keeps what is in this process's memory, keys and frames among it, from getting to a disk.

And from staying there: what is freed is overwritten at once, so that an address is gone
from the machine with the call that reads it.
"""

import ctypes
import os
import resource
import sys
from pathlib import Path
from typing import NoReturn

# <linux/prctl.h>, <linux/mman.h>, <linux/capability.h>
_PR_SET_DUMPABLE = 4
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_CAP_IPC_LOCK = 14
_STATUS = Path("/proc/self/status")


# Python's own allocator never overwrites; the C library's does, except what it caches for
# each thread. It looks at this once, when the program starts.
_ALLOCATOR = {
    "PYTHONMALLOC": "malloc",
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0:glibc.malloc.perturb=85",
}


class ProcessMemoryError(Exception):
    """The kernel does not do what every kernel does for any process."""


def forbid_dumps() -> None:
    """No core dump, whatever happens, and no debugger of the same user."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limit does not hold for a handler that the core is piped to; this does.
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0):
        raise ProcessMemoryError("core dumps cannot be switched off")


def forbid_swapping() -> bool:
    """Lock all memory, what comes later too. Whether it could be.

    Not under a limit: what came to exceed it later would fail there and then.
    """
    if not _has_capability(_CAP_IPC_LOCK) and not _is_unlimited():
        return False
    # On fault: what is never touched (a thread's stack of 8 MiB) takes no memory.
    flags = _MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT
    return not ctypes.CDLL(None, use_errno=True).mlockall(flags)


def _is_unlimited() -> bool:
    return resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY


def overwrite_what_is_freed() -> None:
    """Start this program anew, as the same process, unless it was started so already."""
    if os.environ.get("PYTHONMALLOC") != _ALLOCATOR["PYTHONMALLOC"]:
        become([sys.executable, *sys.orig_argv[1:]])


def become(command: list[str]) -> NoReturn:
    """Replace this program by `command`, which overwrites what it frees."""
    os.execve(command[0], command, {**os.environ, **_ALLOCATOR})  # noqa: S606 - our own, no shell


def _has_capability(number: int) -> bool:
    told = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return bool(int(told["CapEff"], 16) >> number & 1)
