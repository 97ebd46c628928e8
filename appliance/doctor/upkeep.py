"""What `doorman doctor` says of how the box is kept: updates, releases, units, and their logs."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from importlib import metadata

from access_log.flows import files
from access_log.flows.journal import DROPPED
from appliance.doctor.machine import Machine
from appliance.finding import Finding, Grade
from core import clock

_RELEASES = "/opt/doorman"
# Where the roll-out has `doorman flows` keep them.
_FLOWS = "/var/lib/doorman-flows"
_SILENT_AFTER = dt.timedelta(days=2)
_ERRORS = ("journalctl", "--priority=err", "--since=-24h", "--unit=doorman-*")
_MOST = 1000
# Our units are never "failed": systemd starts them anew for as long as it takes.
_OURS = (
    "systemctl",
    "show",
    "--property=Id,SubState,NRestarts,ExecMainStartTimestampMonotonic",
    "doorman-*.service",
)
# Role base's, which starts them anew at night.
_RESTARTS = "/usr/local/lib/doorman/restarts.py"
_OFTEN = 3
# One that was started anew as often has to run for so long before it counts as well.
_SETTLED_AFTER_S = 900.0
_OTHERS = 0o007


def examine(
    machine: Machine, since_boot: Callable[[], float] = time.monotonic
) -> Iterator[Finding]:
    yield from _updates(machine)
    yield from _releases(machine)
    if machine.has_systemd:
        yield _failed(machine)
        yield from _restarted(machine, since_boot())
        yield from _outdated(machine)
        yield from _errors(machine)
    yield from _flows(machine, clock.now())


def _updates(machine: Machine) -> Iterator[Finding]:
    told = machine.run("apt-config", "dump", "APT::Periodic::Unattended-Upgrade")
    if told is None:
        return
    program = machine.path("/usr/bin/unattended-upgrade").exists()
    if program and '"0"' not in told and "Unattended-Upgrade" in told:
        yield Finding(Grade.GOOD, "security updates come by themselves")
    else:
        mend = "apt-get install unattended-upgrades; dpkg-reconfigure unattended-upgrades"
        yield Finding(Grade.WRONG, "security updates do not come by themselves", mend)
    if machine.path("/run/reboot-required").exists():
        mend = "reboot after closing time: grants and figures outlive it"
        yield Finding(Grade.NOTE, "an update waits for a restart of the box", mend)


def _releases(machine: Machine) -> Iterator[Finding]:
    if not machine.path(_RELEASES).is_dir():
        return
    running = metadata.version("doorman")
    names = {}
    for name in ("current", "previous"):
        link = machine.path(f"{_RELEASES}/{name}")
        names[name] = link.resolve().name if link.exists() else ""
    if not names["current"]:
        mend = "deploy again: docs/operations/upgrade.md"
        yield Finding(Grade.WRONG, f"{_RELEASES}/current leads nowhere", mend)
        return
    back = f"; back to {names['previous']}" if names["previous"] else ", nothing to go back to"
    yield Finding(Grade.GOOD, f"Doorman {running}, deployed as {names['current']}{back}")


def _failed(machine: Machine) -> Finding:
    told = machine.run("systemctl", "list-units", "--failed", "--plain", "--no-legend")
    if told is None:
        return _no_answer("whether a unit has failed")
    failed = [line.split()[0] for line in told.splitlines() if line.strip()]
    if failed:
        names = ", ".join(failed)
        mend = f"journalctl -b -u {failed[0]}; then systemctl restart {failed[0]}"
        return Finding(Grade.WRONG, f"units have failed: {names}", mend)
    return Finding(Grade.GOOD, "no unit has failed")


def _restarted(machine: Machine, now_s: float) -> Iterator[Finding]:
    told = machine.run(*_OURS)
    if told is None:
        yield _no_answer("whether programs keep ending")
        return
    for paragraph in told.strip().split("\n\n"):
        unit = dict(line.partition("=")[::2] for line in paragraph.splitlines())
        name, times = unit.get("Id", ""), int(unit.get("NRestarts") or 0)
        started_s = int(unit.get("ExecMainStartTimestampMonotonic") or 0) / 1e6
        is_settled = now_s - started_s > _SETTLED_AFTER_S
        mend = f"journalctl -b -u {name}"
        if unit.get("SubState") == "auto-restart":
            yield Finding(Grade.WRONG, f"{name} has ended, and is about to start anew", mend)
        elif times >= _OFTEN and not is_settled:
            yield Finding(Grade.WRONG, f"{name} keeps ending: started anew {times} times", mend)
        elif times:
            yield Finding(Grade.NOTE, f"{name} was started anew {times} times", mend)


def _outdated(machine: Machine) -> Iterator[Finding]:
    for unit in (machine.run(_RESTARTS, "--list") or "").split():
        text = f"{unit} runs on files that an update has replaced"
        yield Finding(Grade.NOTE, text, f"systemctl restart {unit}; else it happens at night")


def _no_answer(question: str) -> Finding:
    text = f"systemctl does not say {question}"
    return Finding(Grade.NOTE, text, "systemctl list-units --all 'doorman-*'")


def _errors(machine: Machine) -> Iterator[Finding]:
    told = machine.run(*_ERRORS, "--quiet", "--output=cat", f"--lines={_MOST}")
    if told is None:
        return
    count = len(told.splitlines())
    if count:
        most = "or more " if count >= _MOST else ""
        mend = f"{' '.join(_ERRORS)}; docs/operations/health.md, Logs"
        yield Finding(Grade.NOTE, f"{count} {most}errors in the journal of 24 hours", mend)
    else:
        yield Finding(Grade.GOOD, "no error in the journal of 24 hours")


def _flows(machine: Machine, now: dt.datetime) -> Iterator[Finding]:
    place, folder = machine.path(_FLOWS), machine.path(f"{_FLOWS}/log")
    if place.is_dir() and place.stat().st_mode & _OTHERS:
        text = f"everybody on this box may look into the folder of the flow log: {_FLOWS}"
        yield Finding(Grade.WRONG, text, f"chmod o= {_FLOWS}")
    kept = files.listed(folder)
    if not kept:
        return
    if not machine.path(f"{_FLOWS}/flows.key").exists():
        text = "the flow log's key is gone: nothing of it can be read, and nothing is written"
        yield Finding(Grade.WRONG, text, f"restore {_FLOWS}/flows.key; docs/flow-log.md, Keys")
    if now.timestamp() - kept[-1].path.stat().st_mtime > _SILENT_AFTER.total_seconds():
        mend = "journalctl -u doorman-flows; of a closed shop it is in order"
        yield Finding(Grade.NOTE, f"no flow for {_SILENT_AFTER.days} days", mend)
    dropped = machine.read(f"{_FLOWS}/log/{DROPPED}")
    if dropped:
        text = f"the flow log had no room: what was written until {dropped} is gone too soon"
        mend = "raise flow_log_most_mib; docs/operations/networks.md, The flow log"
        yield Finding(Grade.WRONG, text, mend)
