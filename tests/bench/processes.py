"""What processes hold and use, as /proc has it."""

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
_TICKS_S = os.sysconf("SC_CLK_TCK")


class Sample(NamedTuple):
    """Of a program, with its workers."""

    pss_mib: float
    handles: int
    threads: int
    cpu_s: float


def sample(programs: Mapping[str, Sequence[int]]) -> dict[str, Sample]:
    return {name: _of(pids) for name, pids in programs.items()}


def _of(pids: Sequence[int]) -> Sample:
    pss, handles, threads, cpu = 0.0, 0, 0, 0.0
    for pid in pids:
        process = Path(f"/proc/{pid}")
        # It may have ended just now.
        with contextlib.suppress(OSError):
            pss += int(_PSS.search((process / "smaps_rollup").read_text())[1]) / 1024
            handles += len(list((process / "fd").iterdir()))
            threads += len(list((process / "task").iterdir()))
            fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
            cpu += (int(fields[11]) + int(fields[12])) / _TICKS_S
    return Sample(pss, handles, threads, cpu)
