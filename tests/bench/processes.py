"""What processes hold and use, as /proc has it. Needs root.

Nobody else is told which page of memory it is that a process has.
"""

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

_TICKS_S = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
# <Documentation/admin-guide/mm/pagemap.rst>
_ENTRY, _IS_PRESENT, _FRAME = np.dtype("u8"), np.uint64(1 << 63), np.uint64((1 << 55) - 1)


class Sample(NamedTuple):
    """Of a program, with its workers."""

    mib: float
    """What is its own, and its share of what it has in common with the others that are asked for.

    That is PSS as it would be on a box that runs nothing else: the kernel's own figure is
    less on a machine where tests have the same libraries in memory."""
    handles: int
    threads: int
    cpu_s: float


def sample(programs: Mapping[str, Sequence[int]]) -> dict[str, Sample]:
    pids = [pid for each in programs.values() for pid in each]
    pages = dict(zip(pids, _shares([_frames(pid) for pid in pids]), strict=True))
    return {name: _of(each, pages) for name, each in programs.items()}


def _of(pids: Sequence[int], pages: Mapping[int, float]) -> Sample:
    handles, threads, cpu = 0, 0, 0.0
    for pid in pids:
        process = Path(f"/proc/{pid}")
        # It may have ended just now.
        with contextlib.suppress(OSError):
            handles += len(list((process / "fd").iterdir()))
            threads += len(list((process / "task").iterdir()))
            fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
            cpu += (int(fields[11]) + int(fields[12])) / _TICKS_S
    return Sample(sum(pages[pid] for pid in pids) * _PAGE / 2**20, handles, threads, cpu)


def _shares(frames: Sequence[np.ndarray]) -> list[float]:
    """Of each process: a page that two have is half a page of each."""
    _, at, users = np.unique(np.concatenate(frames), return_inverse=True, return_counts=True)
    share = np.split(1 / users[at], np.cumsum([len(each) for each in frames])[:-1])
    return [float(each.sum()) for each in share]


def _frames(pid: int) -> np.ndarray:
    """The numbers of the pages of memory that a process has now; none, if it has ended."""
    found = [np.empty(0, _ENTRY)]
    with contextlib.suppress(OSError), Path(f"/proc/{pid}/pagemap").open("rb", 0) as file:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            start, end = (int(each, 16) for each in line.split(maxsplit=1)[0].split("-"))
            file.seek(start // _PAGE * _ENTRY.itemsize)
            entries = np.frombuffer(file.read((end - start) // _PAGE * _ENTRY.itemsize), _ENTRY)
            found.append(entries[entries & _IS_PRESENT > 0] & _FRAME)
    return np.unique(np.concatenate(found))
