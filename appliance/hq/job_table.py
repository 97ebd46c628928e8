"""Headquarters' schedule: what runs by the clock, and how often.

Several processes may run it side by side: each job takes only what no other has taken.
"""

import dataclasses
from collections.abc import Callable

from core import clock
from core.database import Database
from core.log import Log
from core.sealing import Sealer
from core.settings import Settings
from crm import delivery, overflow
from crm.shape import Crm
from hq import retention
from hq.intake.folding import Folding

_log = Log("hq")


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    """What jobs work on."""

    settings: Settings
    database: Database
    sealer: Sealer
    crm: Crm | None


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
        Job("forget what is no longer needed", 3600, _forget),
    ]


def _send(parts: Parts) -> None:
    if parts.crm is None:
        overflow.trim(parts.database, parts.settings.crm, clock.now())
        return
    tally = delivery.deliver(parts.database, parts.sealer, parts.crm, parts.settings, clock.now)
    _log.debug("outbox looked at", tally=tally)


def _forget(parts: Parts) -> None:
    with parts.database.writing() as session:
        retention.forget(session, clock.now())
        forgotten = retention.forget_news(session, clock.now())
    _log.info("rows forgotten", **forgotten)
