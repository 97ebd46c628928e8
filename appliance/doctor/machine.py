"""What checks may ask of the machine: its files, and programs that answer soon or not at all."""

import dataclasses
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Less than a check may take (`examination`).
_WITHIN_S = 2.5


def _run(*command: str) -> str | None:
    """What a program prints; None if it is not there, fails, or takes too long."""
    program = shutil.which(command[0]) or shutil.which(command[0], path="/usr/sbin:/sbin")
    if program is None:
        return None
    try:
        answer = subprocess.run(  # noqa: S603 - our own command lines, no shell
            [program, *command[1:]],
            capture_output=True,
            text=True,
            check=True,
            timeout=_WITHIN_S,
        )
    except (subprocess.SubprocessError, OSError, UnicodeDecodeError):
        return None
    return answer.stdout


@dataclasses.dataclass(frozen=True, slots=True)
class Machine:
    """This machine, or one that a test has made up."""

    root: Path = Path("/")
    run: Callable[..., str | None] = _run

    def path(self, name: str) -> Path:
        return self.root / name.lstrip("/")

    def read(self, name: str) -> str | None:
        try:
            return self.path(name).read_text().strip()
        except (OSError, UnicodeDecodeError):
            return None

    def run_json(self, *command: str) -> Any:
        """None if there is no answer, or one that is not JSON."""
        answer = self.run(*command)
        try:
            return json.loads(answer) if answer else None
        except ValueError:
            return None

    @property
    def has_systemd(self) -> bool:
        return self.path("/run/systemd/system").is_dir()
