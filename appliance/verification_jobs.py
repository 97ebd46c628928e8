"""What the jobs do once a night: go through the law's logs, and keep what came of it."""

import datetime as dt
import zoneinfo
from collections.abc import Callable
from typing import Protocol

from access_log import audit_verification, verification, verified
from access_log.anchoring import Anchor
from access_log.flows import files, links
from access_log.verified import ACCESS_LOG, AUDIT_LOG, FLOWS, Result
from core import clock
from core.database import Database
from core.log import Log
from core.sealing import Sealer
from core.settings import Settings

_log = Log("jobs")

# Into the store's day: it is shut, its day is closed and its backup made.
_AFTER = dt.timedelta(hours=4)


class Parts(Protocol):
    """What this job works on (`appliance.job_table.Parts`)."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def sealer(self) -> Sealer: ...


def turns() -> list[tuple[str, int, Callable[[Parts], None]]]:
    """Name, seconds from turn to turn, and what is done."""
    job = "verify the law's logs, once a night"
    return [(job, 600, lambda parts: verify(parts, clock.now()))]


def is_due(last: Result | None, now: dt.datetime, zone: zoneinfo.ZoneInfo) -> bool:
    start, _ = clock.day_bounds(clock.store_day(now, zone), zone)
    turn = start + _AFTER
    return now >= turn and not (last is not None and turn <= last.at <= now)


def verify(parts: Parts, now: dt.datetime) -> None:
    """Go through what is due, and keep what came of it."""
    found = parts.settings
    known = verified.read(found.data_dir)
    looks: dict[str, Callable[[Result | None], Result | None]] = {
        ACCESS_LOG: lambda last: of_access_log(parts, last, now),
        AUDIT_LOG: lambda last: of_audit_log(parts, last, now),
        FLOWS: lambda last: of_flows(found, last, now),
    }
    for log, look in looks.items():
        last = known.get(log)
        result = look(last) if is_due(last, now, found.store.zone) else None
        if result is None:
            continue
        verified.write(found.data_dir, log, result)
        if result.trouble:
            _log.error("a log is not as it was written", log=log, trouble=result.trouble)
        else:
            _log.info("a log is whole", log=log, count=result.count)


def of_access_log(parts: Parts, last: Result | None, now: dt.datetime) -> Result:
    """All of it, and that it leads through where it stood the last time."""
    before = _anchor(last)
    verdict = verification.verify(
        parts.database,
        parts.sealer,
        now,
        {before.number: before.hash} if before else {},
        floor=parts.settings.law_profile.records["access_log"].at_least or 0,
    )
    trouble = str(verdict.trouble or "")
    return Result(now, trouble, verdict.rows, str(Anchor(verdict.number, verdict.hash)))


def of_audit_log(parts: Parts, last: Result | None, now: dt.datetime) -> Result:
    """The same, and through each place that the access log has of it."""
    before = _anchor(last)
    noted = audit_verification.written_down(parts.database, parts.sealer)
    kept = [*noted, before] if before else noted
    verdict = audit_verification.verify(parts.database, now, kept)
    trouble = f"entry {verdict.at}: {verdict.fault.replace('_', ' ')}" if verdict.fault else ""
    return Result(now, trouble, verdict.entries, str(Anchor(verdict.number, verdict.hash)))


def of_flows(found: Settings, last: Result | None, now: dt.datetime) -> Result | None:
    """Without its key, which is not the jobs'; as far back as a night allows."""
    if not found.flows_dir.is_dir() or not (last or files.listed(found.flows_dir)):
        return None
    before = _anchor(last)
    known = links.Known(before.number, before.hash) if before else None
    try:
        verdict = links.verify(found.flows_dir, known)
    except OSError as error:
        head = last.head if last else ""
        return Result(now, f"cannot be read: {error.strerror}", 0, head)
    return Result(now, verdict.fault, verdict.count, str(Anchor(verdict.number, verdict.hash)))


def _anchor(last: Result | None) -> Anchor | None:
    try:
        return Anchor.parse(last.head) if last else None
    except ValueError:
        # It was empty then.
        return None
