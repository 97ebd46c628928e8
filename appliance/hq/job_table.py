"""Headquarters' schedule: what runs by the clock, and how often.

Several processes may run it side by side: each job takes only what no other has taken.
"""

import dataclasses
from collections.abc import Callable

from access_log import audit_verification
from appliance.crm_choice import Withdrawals
from core import clock
from core.database import Database
from core.log import Log
from core.sealing import Sealer
from core.settings import Settings
from crm import delivery, overflow, withdrawals
from crm.shape import Crm, CrmError
from crm.withdrawals import Heeded, Withdrawn
from hq import retention, withdrawal_orders
from hq.intake.folding import Folding

_log = Log("hq")


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    """What jobs work on."""

    settings: Settings
    database: Database
    sealer: Sealer
    crm: Crm | None
    withdrawals: Withdrawals | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    name: str
    every_s: int
    run: Callable[[Parts], None]
    at_start: bool = False


class _Fold:
    """Remembers whose turn it is."""

    def __init__(self) -> None:
        self._folding: Folding | None = None

    def __call__(self, parts: Parts) -> None:
        if self._folding is None:
            self._folding = Folding(parts.settings, parts.database, parts.sealer, clock.now)
        count = self._folding.run()
        if count:
            _log.info("events folded", events=count)


def table(settings: Settings) -> list[Job]:
    return [
        Job("fold what stores have sent", settings.hq.fold_every_s, _Fold(), at_start=True),
        Job("send news to the CRM", settings.jobs.send_every_s, _send),
        Job("hear who has opted out of marketing", 600, _hear_of_opt_outs),
        Job("forget what is no longer needed", 3600, _forget),
        Job("say where the audit log stands", 86400, _say_audit, at_start=True),
    ]


def _send(parts: Parts) -> None:
    if parts.crm is None:
        overflow.trim(parts.database, parts.settings.crm, clock.now())
        return
    tally = delivery.deliver(parts.database, parts.sealer, parts.crm, parts.settings, clock.now)
    _log.debug("outbox looked at", tally=tally)


def _say_audit(parts: Parts) -> None:
    """For whoever collects journals: nobody then writes that log anew unseen."""
    stands = audit_verification.head(parts.database)
    if stands is not None:
        _log.info("the audit log stands at", anchor=str(stands))


def _hear_of_opt_outs(parts: Parts) -> None:
    asked = parts.withdrawals
    if asked is None:
        return
    try:
        found = withdrawals.hear(asked.feed, asked.records, lambda row: _order(parts, row))
    except CrmError as error:
        _log.warning("not heard who has opted out at the CRM", reason=error.reason)
        return
    if found[Heeded.WITHDRAWN]:
        _log.info("members have opted out at the CRM", members=found[Heeded.WITHDRAWN])


def _order(parts: Parts, row: Withdrawn) -> Heeded:
    with parts.database.writing() as session:
        ordered = withdrawal_orders.order(session, row.member, row.at, clock.now())
    if ordered is None:
        return Heeded.UNKNOWN
    return Heeded.WITHDRAWN if ordered else Heeded.KNOWN


def _forget(parts: Parts) -> None:
    with parts.database.writing() as session:
        retention.forget(session, clock.now())
        forgotten = retention.forget_news(session, clock.now())
    _log.info("rows forgotten", **forgotten)
