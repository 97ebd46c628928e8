"""Has the kernel refuse, for the rest of this process, to send anything on a listening socket.

A packet socket could send: nothing keeps the kernel from putting what is written to it on
the air. We never write; this is the net under that promise. The listening sockets get
numbers of their own, and a seccomp filter answers EPERM to every call that would write to
one of these. It guards against faults, not against an intruder in this process, who could
open other sockets.
"""

import ctypes
import errno
import fcntl
import platform
import struct
from typing import NamedTuple

FIRST, LAST = 512, 575
"""The numbers of listening sockets. Nothing else in this process gets so far."""

# <linux/prctl.h>, <linux/seccomp.h>, <linux/audit.h>
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM

# Where struct seccomp_data holds the call, the machine, and the first argument's lower half.
_CALL_AT, _MACHINE_AT, _HANDLE_AT = 0, 4, 16
_LOAD, _IS, _IS_LEAST, _IS_MORE, _RETURN = 0x20, 0x15, 0x35, 0x25, 0x06


class _Calls(NamedTuple):
    """The numbers of a machine, and of its system calls."""

    machine: int
    to_handle: tuple[int, ...]
    """Those that write to their first argument."""
    splice: int
    """This one writes to another; we have no use for it."""


# write, writev, pwrite64, pwritev, pwritev2, sendfile, sendto, sendmsg, sendmmsg.
_GENERIC = (64, 66, 68, 70, 287, 71, 206, 211, 269)
_CALLS = {
    "x86_64": _Calls(0xC000003E, (1, 20, 18, 296, 328, 40, 44, 46, 307), 275),
    "aarch64": _Calls(0xC00000B7, _GENERIC, 76),
    "riscv64": _Calls(0xC00000F3, _GENERIC, 76),
}
# The same on every machine. What it is told to write, no filter sees.
_IO_URING_SETUP = 425


def enforce() -> bool:
    """Whether the kernel does so. Call it before there are other threads.

    Not on machines whose numbers of system calls are not listed here.
    """
    calls = _CALLS.get(platform.machine())
    if calls is None:
        return False
    program = _program(calls)
    buffer = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    return not prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, described, 0, 0)


def numbered(handle: int) -> int:
    """The same file under a number of a listening socket. OSError if there are too many."""
    found: int = fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, FIRST)
    return found


def _program(calls: _Calls) -> bytes:
    """Classic BPF: what to do, how many instructions to skip if true and if false, a value."""
    count = len(calls.to_handle)
    lines = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_IS, 0, count + 3, calls.machine),  # else it is no call of ours: allow
        (_LOAD, 0, 0, _CALL_AT),
        (_IS, count + 6, 0, _IO_URING_SETUP),  # refuse
        (_IS, count + 5, 0, calls.splice),  # refuse
        *((_IS, count - place, 0, call) for place, call in enumerate(calls.to_handle)),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _HANDLE_AT),
        (_IS_LEAST, 0, 1, FIRST),
        (_IS_MORE, 0, 1, LAST),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
