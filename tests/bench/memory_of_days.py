"""Whether what a process holds is level from one simulated day to the next."""

import subprocess
import sys

from tests.bench.figure import figure


def memory_of_days(name: str, module: str, number: int) -> dict:
    """Of a module here that takes a number, and prints what it held after each day, in MiB."""
    command = [sys.executable, "-m", f"tests.bench.{module}", str(number)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    first, *_, last = (float(mib) for mib in out.split())
    return figure(
        name,
        unit="MiB",
        value=last,
        peer="after its first day",
        peer_value=first,
        goal="at most 1.05 x",
        met=last <= 1.05 * first,
    )
