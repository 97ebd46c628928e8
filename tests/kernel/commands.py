"""Commands inside the machine: run, waited for, and what came of them told on its console."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping

# Before the result: whatever else is written to the console.
MARK = "RESULT "
# All is slow in there.
PATIENCE_S = 60


def run(*command: object) -> str:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr or done.stdout}")
    return done.stdout


def succeeds(*command: object) -> bool:
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def told(what: str) -> None:
    """To see where the time goes, or where it stopped."""
    print(f"{time.monotonic():.1f} s: {what}", flush=True)  # noqa: T201 - the console is the way out


def hand_out(found: Mapping[str, object]) -> None:
    """What `Machine.found` reads."""
    print(MARK + json.dumps(found), flush=True)  # noqa: T201 - as above
