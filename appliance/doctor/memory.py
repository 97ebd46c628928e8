"""What `doorman doctor` says of memory."""

from collections.abc import Iterator

from appliance.doctor.machine import Machine
from appliance.finding import Finding, Grade

_LEAST_MIB = 64


def examine(machine: Machine) -> Iterator[Finding]:
    told = dict(
        line.split(":", 1)
        for line in (machine.read("/proc/meminfo") or "").splitlines()
        if ":" in line
    )
    if "MemAvailable" not in told:
        return
    free, whole, swap = (
        int(told.get(name, "0").split()[0]) // 1024
        for name in ("MemAvailable", "MemTotal", "SwapTotal")
    )
    also = f", {swap} MiB of swap" if swap else ", no swap"
    if free < _LEAST_MIB:
        mend = "systemd-cgtop -m says who takes it; docs/operations/health.md, Memory"
        yield Finding(Grade.WRONG, f"only {free} of {whole} MiB of memory are free{also}", mend)
    else:
        yield Finding(Grade.GOOD, f"{free} of {whole} MiB of memory are free{also}")
    yield from _ended(machine)


def _ended(machine: Machine) -> Iterator[Finding]:
    for line in (machine.read("/proc/vmstat") or "").splitlines():
        name, _, count = line.partition(" ")
        if name == "oom_kill" and count != "0":
            text = f"the kernel has ended {count} programs since the start, for want of memory"
            yield Finding(Grade.NOTE, text, "journalctl -k -g 'Out of memory' says which")
