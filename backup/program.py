"""Runs a program of the system's: sftp, pg_dump, pg_restore."""

import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence

_LOOK_EVERY_S = 0.2
# Sooner than jobs take for without end what still runs (`appliance.job_watch`).
_LONGEST_S = 5 * 3600.0
_SAID_CHARACTERS = 300


class ProgramError(Exception):
    """It is not there, or has failed. The message has what it said last."""


def run(
    command: Sequence[str],
    *,
    told: str = "",
    environment: Mapping[str, str] | None = None,
    within_s: float = _LONGEST_S,
) -> str:
    """What it printed. `told` is its standard input."""
    name = command[0].rsplit("/", 1)[-1]
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        with tempfile.TemporaryFile() as asked:
            asked.write(told.encode())
            asked.seek(0)
            try:
                running = subprocess.Popen(  # noqa: S603 - a list, no shell; the callers' own words
                    list(command),
                    stdin=asked,
                    stdout=said,
                    stderr=complained,
                    env=None if environment is None else dict(environment),
                )
            except OSError as error:
                raise ProgramError(f"{name} cannot be run ({error.strerror})") from error
        _wait(running, name, within_s)
        if running.returncode:
            complained.seek(0)
            last = complained.read().decode(errors="replace").strip()[-_SAID_CHARACTERS:]
            raise ProgramError(f"{name} failed: {' '.join(last.split())}")
        said.seek(0)
        return said.read().decode(errors="replace")


def _wait(running: subprocess.Popen[bytes], name: str, within_s: float) -> None:
    """Looking again and again, so that whoever watches the jobs sees that this one lives."""
    until = time.monotonic() + within_s
    while running.poll() is None:
        if time.monotonic() > until:
            running.kill()
            running.wait()
            raise ProgramError(f"{name} did not end within {within_s:g} s")
        time.sleep(_LOOK_EVERY_S)
