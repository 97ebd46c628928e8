"""A network namespace of our own, and whatever runs in it. Nothing is left when it is closed."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

_CLONE_NEWNET = 0x40000000
_STOP_WITHIN_S = 5.0
_libc = ctypes.CDLL(None, use_errno=True)
_T = TypeVar("_T")


class Namespace:
    """One machine of the lab: its own interfaces, firewall and /etc/resolv.conf."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        # `ip netns exec` lays this over /etc/resolv.conf; without it a DHCP client in
        # here would write the machine's own.
        self._etc.mkdir(parents=True)
        (self._etc / "resolv.conf").touch()
        _run("ip", "netns", "add", self.name)
        self.run("ip", "link", "set", "lo", "up")
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            process.terminate()
        self._end_all()
        for process in self._processes:
            process.wait()
        subprocess.run(["ip", "netns", "delete", self.name], check=False)
        shutil.rmtree(self._etc, ignore_errors=True)

    def run(
        self, *command: object, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return _run(*self.command(*command), environment=environment)

    def start(
        self, command: Sequence[object], log: Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program that runs until the namespace is closed."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                self.command(*command),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Out of the terminal's group: Ctrl-C is for whoever started us.
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def command(self, *command: object) -> list[str]:
        return ["ip", "netns", "exec", self.name, *map(str, command)]

    def call(self, function: Callable[[], _T]) -> _T:
        """Call it in here. Sockets that it opens stay in here, whoever uses them later."""
        with ThreadPoolExecutor(1, initializer=self._enter) as thread:
            return thread.submit(function).result()

    def _enter(self) -> None:
        # For this thread alone.
        with Path("/run/netns", self.name).open("rb") as handle:
            if _libc.setns(handle.fileno(), _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns failed")

    def _end_all(self) -> None:
        """Also what programs started in here themselves: a browser's, a server's workers."""
        deadline = time.monotonic() + _STOP_WITHIN_S
        while pids := self.pids():
            late = time.monotonic() > deadline
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
            # Ours have to be waited for, or they stay listed as zombies.
            for process in self._processes:
                process.poll()
            time.sleep(0.05)

    def pids(self) -> list[int]:
        """Of all that runs in here, whoever started it."""
        found = subprocess.run(
            ["ip", "netns", "pids", self.name], check=False, capture_output=True, text=True
        )
        return [int(pid) for pid in found.stdout.split()]

    @property
    def _etc(self) -> Path:
        return Path("/etc/netns", self.name)


def _run(
    *command: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done
