"""The folder in which the programs of a machine count side by side, where there is one.

A program that counts has three files there, of its process: what it counts it writes by a
mapping, without a call of the system. Whoever is asked for metrics adds up all files. The
folder is meant to be in memory (a tmpfs).

- The blocks of a file are reserved before it is mapped: to write to a block that a full tmpfs
  cannot give ends a process at once, and no count is worth a shopper's page.
- What processes have counted that are gone is folded into one file of a kind: so the folder is
  bounded however often programs start, and no counter ever falls, which Prometheus would take
  for a restart.
"""

import contextlib
import fcntl
import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

from core.log import Log

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

KINDS = ("counter", "histogram", "gauge_max")
"""How files' names begin: of a gauge, the largest value of any process holds."""

# As much as the library maps at first. More than what any program of ours counts.
_RESERVED_BYTES = 1 << 16
# Beside its key: its length, two numbers, and what is filled up with.
_BYTES_OF_A_VALUE = 32
_GONE = "gone"
# What the library makes of a file that was not written to its end.
_TORN = (RuntimeError, struct.error, ValueError)

_log = Log("metrics")


class Files:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reserved_for = 0

    def process(self) -> int:
        """The present process, with its files reserved. OSError if they cannot be.

        To be asked before each count: after a fork it is another one.
        """
        pid = os.getpid()
        if pid != self._reserved_for:
            for kind in KINDS:
                self._reserve(self._folder / f"{kind}_{pid}.db")
            self._reserved_for = pid
        return pid

    def collect(self) -> list[Metric]:
        """What all processes have counted, those that are gone too."""
        with self._alone():
            self._fold_gone()
            try:
                return list(MultiProcessCollector(None, str(self._folder)).collect())
            except _TORN as error:
                raise OSError("a file of metrics cannot be read") from error

    def fold(self) -> None:
        """Make one file of those of processes that are gone."""
        with self._alone():
            self._fold_gone()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """No two programs fold at once, and none reads meanwhile."""
        with (self._folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _reserve(self, path: Path) -> None:
        if path.exists():
            # Of this process before it began anew (execv), or of one with its number: go on.
            return
        self._new(path, _RESERVED_BYTES).rename(path)

    def _new(self, path: Path, size: int) -> Path:
        """An empty file beside `path`, all of whose blocks are there. OSError: they are not."""
        new = path.with_suffix(".new")
        try:
            with new.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, size)
        except OSError:
            new.unlink(missing_ok=True)
            raise
        return new

    def _fold_gone(self) -> None:
        for kind in KINDS:
            gone = [path for path in self._folder.glob(f"{kind}_*.db") if _is_gone(path)]
            if gone:
                self._fold_into(kind, gone)

    def _fold_into(self, kind: str, gone: list[Path]) -> None:
        path = self._folder / f"{kind}_{_GONE}.db"
        values: dict[str, float] = {}
        for each in [path, *gone]:
            for key, value in _read(each):
                before = values.get(key, 0.0)
                values[key] = max(before, value) if kind == "gauge_max" else before + value
        # Room for all; else the library makes it longer, by blocks that may not be there.
        needed = sum(len(key.encode()) + _BYTES_OF_A_VALUE for key in values)
        new = self._new(path, max(_RESERVED_BYTES, needed))
        folded = MmapedDict(str(new))
        for key, value in values.items():
            folded.write_value(key, value, 0.0)
        folded.close()
        # Cut off in between, it counts something twice: better than a counter that falls.
        new.rename(path)
        for each in gone:
            each.unlink()


def find(environment: Mapping[str, str] = os.environ) -> Files | None:
    """The folder that the environment names; None: there is none, or it cannot be used."""
    named = environment.get(VARIABLE)
    if not named:
        return None
    files = Files(Path(named))
    try:
        files.fold()
        files.process()
    except OSError:
        # All in the event: this is said before the program has set up its log.
        _log.warning(f"metrics stay in this process: see to the folder that {VARIABLE} names")
        return None
    return files


def _read(path: Path) -> list[tuple[str, float]]:
    try:
        found = MmapedDict.read_all_values_from_file(str(path))
        return [(key, value) for key, value, _, _ in found]
    except FileNotFoundError:
        return []
    except _TORN:
        _log.warning("a file of metrics cannot be read", name=path.name)
        return []


def _is_gone(path: Path) -> bool:
    number = path.stem.rpartition("_")[2]
    if not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        # Another user's.
        return False
    return False
