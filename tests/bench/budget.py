"""What a box spends through its years: memory, CPU when nobody is there, and flash.

The whole appliance at the lab's gateway (`tests.bench.box`), its data on an ext4 disk of its own,
of which the kernel counts what is written. Three spans one after the other: nobody is there; phones
pass and a hundred are online; they log in besides. A day is put together of these.
"""

import sys
import time
from typing import NamedTuple

from tests.bench import box, compiled
from tests.bench.box import Box
from tests.bench.figure import figure
from tests.bench.processes import sample
from tests.bench.store_life import StoreLife

_SETTLE_S, _SPAN_S = 90, 120
_PROBES_S, _PACKETS_S, _LOGINS_S = 6.0, 20.0, 4.0
_DAY_S = 86_400
# What a usual shop has, and one where each of 10,000 phones logs in.
_USUAL_LOGINS, _MOST_LOGINS = 500, 10_000
# 350 MB.
_MEMORY_MIB, _CPU_PERCENT, _DAY_MB = 334, 3, 200


class _Span(NamedTuple):
    seconds: float
    written: int
    cpu_s: float
    logins: int


def measure() -> list[dict]:
    if reason := box.missing():
        sys.stderr.write(f"budget: not measured: {reason}\n")
        return []
    with compiled.as_on_a_box(), box.box() as running:
        time.sleep(_SETTLE_S)
        idle = _span(running)
        memory = {"idle": _memory(running)}
        with StoreLife(running, probes_s=_PROBES_S, logins_s=1, packets_s=_PACKETS_S) as life:
            time.sleep(_SETTLE_S)
            life.pace("logins", 0)
            # Those under way, and what the kernel writes late.
            time.sleep(30)
            busy = _span(running)
            life.pace("logins", _LOGINS_S)
            rush = _span(running, life)
        memory["busy"] = _memory(running)
    return _figures(idle, busy, rush, memory)


def _span(running: Box, life: StoreLife | None = None) -> _Span:
    def cpu_s() -> float:
        return sum(each.cpu_s for each in sample(running.pids()).values())

    def logins() -> int:
        return life.done["logins"] if life else 0

    start, written, cpu, before = time.monotonic(), running.disk.written(), cpu_s(), logins()
    time.sleep(_SPAN_S)
    seconds = time.monotonic() - start
    return _Span(seconds, running.disk.written() - written, cpu_s() - cpu, logins() - before)


def _memory(running: Box) -> dict[str, float]:
    found = {name: each.mib for name, each in sample(running.pids()).items()}
    return found | {"together": sum(found.values())}


def _figures(
    idle: _Span, busy: _Span, rush: _Span, memory: dict[str, dict[str, float]]
) -> list[dict]:
    idle_day, busy_day = (_DAY_S * span.written / span.seconds / 1e6 for span in (idle, busy))
    more = rush.written - busy.written * rush.seconds / busy.seconds
    login_kb = more / max(rush.logins, 1) / 1e3
    days = {
        logins: (idle_day + busy_day) / 2 + logins * login_kb / 1e3
        for logins in (_USUAL_LOGINS, _MOST_LOGINS)
    }
    return [
        _row("written.idle_day", "MB", idle_day, None),
        _row("written.busy_day", "MB", busy_day, None),
        _row("written.login", "kB", login_kb, None),
        *(_row(f"written.day_of_{n}_logins", "MB", mb, _DAY_MB) for n, mb in days.items()),
        _row("cpu.idle", "% of a core", 100 * idle.cpu_s / idle.seconds, _CPU_PERCENT),
        *(
            _row(f"memory.{when}.{name}", "MiB", mib, _MEMORY_MIB if name == "together" else None)
            for when, programs in memory.items()
            for name, mib in programs.items()
        ),
    ]


def _row(name: str, unit: str, value: float, most: float | None) -> dict:
    return figure(
        f"budget.{name}",
        unit=unit,
        value=value,
        peer="the goal" if most else "-",
        peer_value=most or 0.0,
        goal=f"less than {most}" if most else "-",
        met=value < most if most else None,
    )
