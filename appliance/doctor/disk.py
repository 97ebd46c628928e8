"""What `doorman doctor` says of disks: room, wear, and whether they can be written at all."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from appliance.doctor.machine import Machine
from appliance.finding import Finding, Grade
from core.settings import Settings

_LEAST_FREE_BYTES = 500 * 1024 * 1024
_LEAST_FREE_INODES = 10_000
# Tenths of its life that an eMMC says are used (JESD84-B51, DEVICE_LIFE_TIME_EST).
_WORN, _WEARING = 9, 7

Statvfs = Callable[[Path], os.statvfs_result]


def examine(found: Settings, machine: Machine, statvfs: Statvfs = os.statvfs) -> Iterator[Finding]:
    for name, path in (("data_dir", found.data_dir), ("the system", machine.root)):
        if path.is_dir():
            yield _room(name, statvfs(path))
    yield from _read_only(machine)
    yield from _errors(machine)
    yield from _wear(machine)


def _room(name: str, told: os.statvfs_result) -> Finding:
    free = told.f_bavail * told.f_frsize
    if free < _LEAST_FREE_BYTES:
        mend = "du -xh / | sort -h | tail; journalctl --vacuum-size=100M; apt-get clean"
        return Finding(Grade.WRONG, f"the disk of {name} has only {free // 2**20} MiB free", mend)
    # Some file systems make inodes as they are needed, and say 0.
    if told.f_files and told.f_favail < _LEAST_FREE_INODES:
        text = f"the disk of {name} has room for only {told.f_favail} more files"
        return Finding(
            Grade.WRONG, text, "find where many small files lie: du --inodes -x / | sort -n"
        )
    return Finding(Grade.GOOD, f"the disk of {name} has {free // 2**20} MiB free")


def _read_only(machine: Machine) -> Iterator[Finding]:
    for line in (machine.read("/proc/mounts") or "").splitlines():
        _, place, _, options, *_ = line.split()
        if place == "/" and "ro" in options.split(","):
            mend = "journalctl -k | grep -i ext4: the disk may be failing; replace it"
            yield Finding(Grade.WRONG, "the system's disk can only be read", mend)


def _errors(machine: Machine) -> Iterator[Finding]:
    for path in sorted(machine.path("/sys/fs/ext4").glob("*/errors_count")):
        count = machine.read(str(path.relative_to(machine.root)))
        if count and count != "0":
            device = path.parent.name
            text = f"the file system on {device} has met {count} errors"
            yield Finding(Grade.WRONG, text, f"back up, then fsck /dev/{device} at the next start")


def _wear(machine: Machine) -> Iterator[Finding]:
    for path in sorted(machine.path("/sys/block").glob("mmcblk*/device/life_time")):
        told = machine.read(str(path.relative_to(machine.root))) or ""
        tenths = max((int(each, 16) for each in told.split()), default=0)
        device, used = path.parent.parent.name, f"{max(tenths - 1, 0) * 10} to {tenths * 10} %"
        if tenths >= _WORN:
            mend = "back up and replace it; docs/operations/health.md, Disk"
            yield Finding(Grade.WRONG, f"{device} is worn: {used} of its life is used", mend)
        elif tenths >= _WEARING:
            yield Finding(Grade.NOTE, f"{used} of the life of {device} is used", "order another")
        elif tenths:
            yield Finding(Grade.GOOD, f"{used} of the life of {device} is used")
