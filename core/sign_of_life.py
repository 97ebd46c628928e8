"""A program's word that its loop turns, for `doorman health`: of programs that nobody can ask.

A small file a program, in memory (`run_dir`), so that no flash is written. It holds a time and
what is amiss; nothing of a person.
"""

import contextlib
import datetime as dt
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from core import clock
from core.log import Log

_FOLDER = "alive"
_EVERY_S = 5.0
# A program gives its sign more often than this, also on a busy machine.
STALE_AFTER = dt.timedelta(seconds=45)

_log = Log("health")


class Sign(NamedTuple):
    told_at: dt.datetime
    trouble: str
    """What does not go as it should, though the program lives. Mostly empty."""

    def is_stale(self, now: dt.datetime) -> bool:
        return abs(now - self.told_at) > STALE_AFTER


class SignOfLife:
    """Given by `program` from within the loop that does its work."""

    def __init__(
        self,
        run_dir: Path,
        program: str,
        *,
        now: Callable[[], dt.datetime] = clock.now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = _file(run_dir, program)
        self._now, self._monotonic = now, monotonic
        self._given_at = -_EVERY_S
        self._trouble = ""
        self._complained = False

    def give(self, trouble: str = "") -> None:
        """As often as one likes."""
        moment = self._monotonic()
        if trouble == self._trouble and moment - self._given_at < _EVERY_S:
            return
        self._given_at, self._trouble = moment, trouble
        new = self._file.with_name(f".{self._file.name}")
        try:
            new.write_text(json.dumps({"told_at": self._now().isoformat(), "trouble": trouble}))
            os.replace(new, self._file)  # noqa: PTH105 - beside its write, as one step
        except OSError as error:
            # Health will say that nothing is heard; the work goes on.
            if not self._complained:
                _log.info("no sign of life", folder=str(self._file.parent), error=error.strerror)
            self._complained = True

    def end(self) -> None:
        """The program stops as it should: nobody is to take it for alive any longer."""
        with contextlib.suppress(OSError):
            self._file.unlink()


def read(run_dir: Path, program: str) -> Sign | None:
    """None: the program has not run since the machine started, or may not write there."""
    try:
        document = json.loads(_file(run_dir, program).read_text())
        return Sign(dt.datetime.fromisoformat(document["told_at"]), str(document["trouble"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _file(run_dir: Path, program: str) -> Path:
    return run_dir / _FOLDER / f"{program}.json"
