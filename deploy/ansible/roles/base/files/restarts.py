#!/usr/bin/python3
"""Starts those of Doorman's programs anew that run on files which an update has replaced.

Debian's own way starts nginx.service anew, and ours has another name; and a new library comes to
run in no program of ours before that program begins again. One after the other, at night: who is
online stays online, for the firewall's sets are the kernel's. With --list it only names them, which
`doorman doctor` asks for.
"""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

_UNIT = re.compile(r"/(doorman-[\w@.\\-]+\.service)(?:/|$)", re.MULTILINE)
# Code, not data: what is mapped to be run, of a file that is there no more.
_GONE = re.compile(
    r"^\S+ ..x. \S+ \S+ \S+ +/(?:usr|lib\w*|s?bin|opt)/.* \(deleted\)$", re.MULTILINE
)
# The programs wait for the gate, and the front answers phones while there is no portal.
_FIRST, _LAST = "doorman-gate.service", "doorman-front.service"
_LIMIT_S = 180


def outdated(proc: Path) -> set[str]:
    """The units of which a process runs on files that are there no more."""
    return set(_units(proc))


def _units(proc: Path) -> Iterator[str]:
    for folder in proc.glob("[0-9]*"):
        # A process may end while it is looked at.
        with contextlib.suppress(OSError):
            found = _UNIT.search((folder / "cgroup").read_text())
            if found and _GONE.search((folder / "maps").read_text(errors="replace")):
                yield found[1]


def in_order(units: Iterable[str]) -> list[str]:
    return sorted(units, key=lambda unit: (unit == _LAST, unit != _FIRST, unit))


def main(words: Sequence[str], proc: Path = Path("/proc")) -> int:
    units, failed = in_order(outdated(proc)), 0
    if "--list" in words:
        sys.stdout.writelines(f"{unit}\n" for unit in units)
        return 0
    for unit in units:
        sys.stderr.write(f"{unit} runs on files that were replaced: starting it anew\n")
        command = ["/usr/bin/systemctl", "try-restart", unit]
        try:
            done = subprocess.run(command, check=False, timeout=_LIMIT_S)  # noqa: S603 - no shell
            failed += done.returncode != 0
        # The next one all the same.
        except subprocess.TimeoutExpired:
            failed += 1
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
