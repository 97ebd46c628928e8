"""Starts the demo's programs, watches them, and leaves none behind."""

import ctypes
import dataclasses
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_PR_SET_PDEATHSIG = 1
_STOP_WITHIN_S = 8
_libc = ctypes.CDLL(None)


class ProgramEndedError(Exception):
    """A program of the demo ended by itself; the message names it and shows its last words."""


@dataclasses.dataclass(slots=True)
class _Program:
    name: str
    process: subprocess.Popen[bytes]
    log: Path
    may_end: bool


class Processes:
    """A set of child processes, all ended when the `with` block is left, however it is.

    Even if this process is killed outright: the kernel then sends each child SIGTERM
    (PR_SET_PDEATHSIG, prctl(2)).
    """

    def __init__(self, log_folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = log_folder
        self._environment = environment
        self._programs: list[_Program] = []

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        may_end: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Start a program; its output goes to `<name>.log`.

        Args:
            name: what it is called when it fails.
            command: its command line.
            may_end: ending with status 0 is no fault, as when a replay is through.
            settings: variables of its own, in place of the others' or beside them.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        log = self._folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command lines
                command,
                env={**self._environment, **(settings or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Out of the terminal's group: Ctrl-C reaches the demo, which then
                # stops its children in order.
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one thread only, at this time
            )
        self._programs.append(_Program(name, process, log, may_end))

    def check(self) -> None:
        """Raise ProgramEndedError if one has ended that should not have."""
        for program in self._programs:
            status = program.process.poll()
            if status is not None and not (program.may_end and status == 0):
                words = program.log.read_text(errors="replace").strip().splitlines()[-5:]
                raise ProgramEndedError(
                    f"{program.name} ended with status {status}:\n  " + "\n  ".join(words)
                )

    def wait_for(self, name: str, ready: Callable[[], bool], within_s: float) -> None:
        """Wait until `ready()`; raise TimeoutError after `within_s`."""
        end = time.monotonic() + within_s
        while not ready():
            self.check()
            if time.monotonic() > end:
                raise TimeoutError(f"{name}: not ready within {within_s:.0f} s")
            time.sleep(0.05)

    def ended(self, name: str) -> bool:
        """Whether a program has ended by itself."""
        return all(
            program.process.poll() is not None for program in self._programs if program.name == name
        )

    def stop(self) -> None:
        """End them in reverse order of starting: whoever asks goes before whoever answers."""
        for program in reversed(self._programs):
            if program.process.poll() is None:
                program.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + _STOP_WITHIN_S
        for program in reversed(self._programs):
            try:
                program.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                # With its workers: it leads a group of its own.
                os.killpg(program.process.pid, signal.SIGKILL)
                program.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
