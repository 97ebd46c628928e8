"""What a switch asks of systemd, and of the releases: each within a time, and what fails is told.

As deployments.py: Debian's Python, standard library alone.
"""

import contextlib
import json
import os
import subprocess
from collections.abc import Callable, Iterable, Sequence

from deployments import Deployments, secrets_of

# Whatever takes longer hangs. Of the database, more than its unit is given.
SHORT_S, LONG_S = 60, 960


class SwitchError(Exception):
    """What could not be done. The message says what runs now."""


Result = subprocess.CompletedProcess[str]
Run = Callable[[Sequence[str], dict[str, str], float], Result]


def run(command: Sequence[str], environment: dict[str, str], limit_s: float) -> Result:
    words = list(command)
    try:
        return subprocess.run(  # noqa: S603 - our own command lines, no shell
            words, env=environment, capture_output=True, text=True, check=False, timeout=limit_s
        )
    except subprocess.TimeoutExpired:
        return Result(words, 124, "", f"no end of it within {limit_s:.0f} s")


class Machine:
    def __init__(self, deployments: Deployments, runner: Run = run) -> None:
        self._box, self._run = deployments, runner

    def unwell(self, name: str | None) -> list[str]:
        """Programs that do not answer already: the next deployment is not to blame for them."""
        if name is None:
            return []
        done = self.doorman(name, "health", "--json")
        with contextlib.suppress(ValueError, LookupError, TypeError):
            return [
                each["program"] for each in json.loads(done.stdout)["programs"] if not each["ok"]
            ]
        return []

    def look(self, name: str, wait_s: int, known: Iterable[str]) -> str:
        """Says what was not well before and is not now; what else is not raises."""
        told = [word for program in known for word in ("--known", program)]
        done = self.doorman(name, "health", "--wait", str(wait_s), *told, limit_s=wait_s + SHORT_S)
        if done.returncode:
            raise SwitchError(last(done))
        still = [line[4:] for line in done.stdout.splitlines() if line.startswith("BAD ")]
        return f", but for what was not before: {'; '.join(still)}" if still else ""

    def again(self, how: str, unit: str) -> None:
        """Of a unit that other roles bring, where they do: another gateway needs neither."""
        if not self._run(["systemctl", "cat", unit], dict(os.environ), SHORT_S).returncode:
            self.systemctl(how, unit)

    def systemctl(self, *words: str) -> None:
        done = self._run(["systemctl", *words], dict(os.environ), LONG_S)
        if done.returncode:
            raise SwitchError(f"systemctl {' '.join(words)}: {last(done)}")

    def doorman(self, name: str, *words: str, limit_s: float = SHORT_S) -> Result:
        """The command of a deployment, with its settings and no more power than the programs."""
        folder = self._box.folder(name)
        ours = {"DOORMAN_CONFIG": str(folder / "doorman.toml")}
        environment = dict(os.environ) | secrets_of(folder / "secrets.env") | ours
        as_user = ["setpriv", "--reuid=doorman", "--regid=doorman", "--init-groups"]
        command = str(self._box.release(name) / "bin" / "doorman")
        return self._run([*as_user, command, *words], environment, limit_s)


def last(done: Result) -> str:
    """What a command said that failed, on one line."""
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return "; ".join(lines[-6:]) or f"it ended with {done.returncode}"
