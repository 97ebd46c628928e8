"""All checks of `doorman doctor`, in the order in which it makes sense to mend.

They run side by side, each with little time: a doctor that waits for whatever is broken would
be of no use. None of them writes, and no finding names a person or a phone.
"""

import importlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator

from appliance import (
    backup_check,
    crm_check,
    gear_check,
    kernel_check,
    law_check,
    logs_check,
    reports_check,
    sensor_check,
    ways_check,
)
from appliance.doctor import (
    box,
    certificates,
    clocks,
    disk,
    memory,
    names,
    network,
    providers,
    rules,
    upkeep,
)
from appliance.doctor.machine import Machine
from appliance.finding import Finding, Grade
from appliance.headquarters import check as headquarters_check
from core import clock, setting_sources, settings
from core.setting_groups.network import GateKind
from core.settings import Settings

WITHIN_S = 3.0
# What checks load only if they are asked; here, so that it does not take of their time.
_SLOW = ("analytics.reports.fonts", "appliance.crm_choice", "portal.wechat.relay")

Check = Callable[[], Iterable[Finding]]


def examine(machine: Machine | None = None, within_s: float = WITHIN_S) -> Iterator[Finding]:
    yield box.python()
    try:
        found = settings.load()
    except settings.SettingsError as error:
        yield Finding(Grade.WRONG, "settings", str(error).replace("\n", "\n     -> "))
        return
    where = setting_sources.config_file()
    yield Finding(Grade.GOOD, f"settings: {where or 'no file, defaults and environment'}")
    for name in _SLOW:
        importlib.import_module(name)
    yield from side_by_side(_checks(found, machine or Machine()), within_s)


def side_by_side(checks: dict[str, Check], within_s: float = WITHIN_S) -> Iterator[Finding]:
    """What each has found, in their order; one that takes longer than that is named instead."""
    found: dict[str, list[Finding]] = {}

    def look(name: str, check: Check) -> None:
        found[name] = list(_safely(name, check))

    # Daemons: whoever hangs must not keep the doctor.
    threads = {
        name: threading.Thread(target=look, args=(name, check), daemon=True)
        for name, check in checks.items()
    }
    for thread in threads.values():
        thread.start()
    deadline = time.monotonic() + within_s
    for name, thread in threads.items():
        thread.join(max(deadline - time.monotonic(), 0.0))
        late = Finding(Grade.WRONG, f"{name}: no result within {within_s:g} s", "try it by itself")
        yield from found.get(name, [late])


def _safely(name: str, check: Check) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 - one check that fails must not cost the others
        # Its sort alone: a message might repeat what it was about.
        sort = type(error).__name__
        yield Finding(Grade.WRONG, f"{name}: could not be looked at ({sort})", "report this")


def _checks(found: Settings, machine: Machine) -> dict[str, Check]:
    checks: dict[str, Check] = {
        "time": lambda: clocks.examine(machine),
        "disk": lambda: disk.examine(found, machine),
        "memory": lambda: memory.examine(machine),
        "upkeep": lambda: upkeep.examine(machine),
        "sensor": lambda: sensor_check.examine(found),
        "law": lambda: law_check.countries(found),
    }
    if found.sensor.listen or found.sensor.send_to:
        from appliance import store_sensors_check  # noqa: PLC0415 - only where it is asked

        checks["other sensors"] = lambda: store_sensors_check.examine(found)
    if found.sensor.send_to:
        # A box that only hears, for another one.
        return checks
    if found.gate.kind is GateKind.NFTABLES:
        checks |= {
            "network": lambda: network.examine(found, machine),
            "names": lambda: names.examine(found, machine),
            "firewall": lambda: rules.examine(found, machine),
            "kernel": kernel_check.examine,
        }
    single: dict[str, Callable[[Settings], Finding]] = {
        **box.CHECKS,
        "ways": ways_check.ways,
        "real names": ways_check.real_names,
        "SMS": ways_check.sms,
        "WeChat": ways_check.wechat,
        "My data": ways_check.my_data,
        "headquarters": headquarters_check.headquarters,
        "CRM": crm_check.crm,
        "reports": reports_check.reports,
        "backups": backup_check.backups,
    }
    if found.gate.kind.is_foreign:
        checks["gateway"] = lambda: gear_check.examine(found)
        for name in box.OF_OUR_GATEWAY:
            del single[name]
    return (
        checks
        | {name: _one(check, found) for name, check in single.items()}
        | {
            "logs": lambda: logs_check.examine(found, clock.now()),
            "certificate": lambda: certificates.examine(found, machine, clock.now()),
            "providers": lambda: providers.examine(found),
        }
    )


def _one(check: Callable[[Settings], Finding], found: Settings) -> Check:
    return lambda: [check(found)]
