"""The most memory that this process has had so far."""

from pathlib import Path


def peak_mib() -> float:
    # Not getrusage: its peak is also that of the process which started this one.
    [line] = [
        each for each in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in each
    ]
    return int(line.split()[1]) / 1024
