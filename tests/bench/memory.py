"""Memory of the gateway's programs, each with its share of what processes have in common (PSS)."""

import re
from pathlib import Path

from tests.bench.figure import figure
from tests.lab.shop import Shop

# What of a command line tells our programs from each other.
_PROGRAMS = {"gate": "-m gate", "portal": "portal.wsgi", "front": "nginx"}
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def figures(shop: Shop, opennds_mib: float | None) -> list[dict]:
    shares = dict.fromkeys(_PROGRAMS, 0.0)
    for pid in shop.gateway.pids():
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        for program, mark in _PROGRAMS.items():
            if mark in command:
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                shares[program] += int(_PSS.search(rollup)[1]) / 1024
    shares["together"] = sum(shares.values())
    theirs = opennds_mib or 0.0
    return [
        figure(
            f"memory.{program}",
            unit="MiB",
            value=mib,
            peer="openNDS, resident" if opennds_mib else "-",
            peer_value=theirs,
            goal="-",
            met=None,
        )
        for program, mib in shares.items()
        if mib
    ]
