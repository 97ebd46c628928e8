"""Runs nginx and tells systemd whether it serves, which nginx does not do itself.

`doorman front` becomes this: a process of its own with the standard library alone, since it
stays for as long as nginx does. Signals are passed on; the end of nginx is its own end.
"""

import argparse
import contextlib
import os
import signal
import socket
import sys
import time

from gate.systemd import ServiceManager

_PASSED_ON = {signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGINT}
_ENDING = {signal.SIGQUIT, signal.SIGTERM, signal.SIGINT}
_LOOK_EVERY_S = 2.0
_WITHIN_S = 2.0
# Nobody's name (RFC 6761): nginx answers by itself, and wakes no portal.
_QUESTION = b"GET / HTTP/1.0\r\nHost: front.invalid\r\n\r\n"


def arguments(address: str, port: int, command: list[str]) -> list[str]:
    """The command line of the keeper of `command`, which answers at `address` and `port`."""
    place = [f"--address={address}", f"--port={port}"]
    return [sys.executable, "-I", "-m", "appliance.front_keeper", *place, "--", *command]


def main() -> int:
    parser = argparse.ArgumentParser(prog="front", description="Runs nginx before the portal.")
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("command", nargs="+")
    wanted = parser.parse_args()
    manager = ServiceManager()
    heard = _PASSED_ON | {signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, heard)
    nginx = os.posix_spawn(wanted.command[0], wanted.command, _environment(), setsigmask=())
    looked_at = 0.0
    while (status := _ended(nginx)) is None:
        if time.monotonic() - looked_at >= _LOOK_EVERY_S:
            looked_at = time.monotonic()
            if _serves(wanted.address, wanted.port):
                manager.serving()
        told = signal.sigtimedwait(heard, _LOOK_EVERY_S)
        number = told.si_signo if told else signal.SIGCHLD
        if number in _ENDING:
            manager.stopping()
        if number in _PASSED_ON:
            os.kill(nginx, number)
    return status


def _ended(process: int) -> int | None:
    """The exit status, once there is one."""
    number, status = os.waitpid(process, os.WNOHANG)
    return abs(os.waitstatus_to_exitcode(status)) if number else None


def _environment() -> dict[str, str]:
    """Without systemd's address: nginx has nothing to tell it."""
    return {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}


def _serves(address: str, port: int) -> bool:
    with (
        contextlib.suppress(OSError),
        socket.create_connection((address, port), _WITHIN_S) as asked,
    ):
        asked.settimeout(_WITHIN_S)
        asked.sendall(_QUESTION)
        return asked.recv(16).startswith(b"HTTP/1.")
    return False


if __name__ == "__main__":
    sys.exit(main())
