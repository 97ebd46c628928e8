"""Tells a running program, by its pid file, to read its files again (SIGHUP)."""

import os
import signal
from pathlib import Path


class HangUpError(Exception):
    """It was not told; the message names what to mend."""


def hang_up(pid_file: Path, program: str) -> None:
    """Only its own user may tell a program, or root."""
    try:
        pid = int(pid_file.read_text("utf-8"))
        handle = os.pidfd_open(pid)
    except (OSError, ValueError, OverflowError):
        raise HangUpError(f"no {program} runs by {pid_file}") from None
    try:
        # Of an old file the number may be another program's by now, which SIGHUP would end.
        if Path("/proc", str(pid), "comm").read_text().strip() != program:
            raise HangUpError(f"{pid_file} is not of a {program} that runs")
        signal.pidfd_send_signal(handle, signal.SIGHUP)
    except PermissionError:
        raise HangUpError(f"{program} may be told by its own user alone") from None
    except OSError:
        raise HangUpError(f"{program} has just ended") from None
    finally:
        os.close(handle)
