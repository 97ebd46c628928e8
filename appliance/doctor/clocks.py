"""What `doorman doctor` says of the time: certificates, grants and figures go by it."""

import time
from collections.abc import Callable, Iterator

from appliance.doctor.machine import Machine
from appliance.finding import Finding, Grade

_MOST_OFF_S = 5.0
_RTC = "/sys/class/rtc/rtc0/since_epoch"
# Of what `chronyc -c tracking` prints: how many fields, and which.
_FIELDS, _SOURCE, _OFFSET, _LEAP = 14, 1, 4, 13


def examine(machine: Machine, now_s: Callable[[], float] = time.time) -> Iterator[Finding]:
    yield _network_time(machine)
    if machine.run("systemd-detect-virt", "--container"):
        # The clock is the host's.
        return
    yield _own_clock(machine, now_s())


def _network_time(machine: Machine) -> Finding:
    answer = machine.run("chronyc", "-n", "-c", "tracking")
    fields = answer.strip().split(",") if answer else []
    if len(fields) < _FIELDS:
        by_systemd = machine.run("timedatectl", "show", "-p", "NTPSynchronized", "--value")
        if (by_systemd or "").strip() == "yes":
            return Finding(Grade.GOOD, "the clock is set by the network")
        mend = "apt-get install chrony; systemctl enable --now chrony"
        return Finding(Grade.WRONG, "nothing sets this machine's clock", mend)
    if fields[_LEAP].startswith("Not"):
        mend = "chronyc sources -v; is UDP port 123 open towards them?"
        return Finding(Grade.WRONG, "the clock follows no time server yet", mend)
    off_s = abs(float(fields[_OFFSET]))
    if off_s > _MOST_OFF_S:
        return Finding(Grade.WRONG, f"the clock is {off_s:.0f} s off", "chronyc makestep")
    return Finding(Grade.GOOD, f"the clock follows {fields[_SOURCE]}, {off_s * 1000:.1f} ms off")


def _own_clock(machine: Machine, now_s: float) -> Finding:
    told = machine.read(_RTC)
    if told is None:
        text = "no clock of its own: after a power cut the time is wrong until the network is there"
        return Finding(Grade.NOTE, text, "fit an RTC with a battery, if the box can take one")
    if abs(int(told) - now_s) > 60:  # noqa: PLR2004 - a minute
        return Finding(
            Grade.NOTE, "the box's own clock is more than a minute off", "hwclock --systohc"
        )
    return Finding(Grade.GOOD, "the box's own clock is right")
