"""Empties the outbox into the CRM: in order, at least once, never holding the database.

A batch is read, sent with no transaction open, and its answers are written down. A
crash in between leaves the events waiting; they go again, and the CRM knows them by
their ids. So it has each exactly once, whatever moment we die at.

Order is kept within a subject: of each subject only the oldest waiting event goes into
a batch, so that even a CRM that skips one of a batch cannot get the next before it.
An event that was refused is out of the way: later news says all that it said.
"""

import collections
import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from core.database import Database
from core.log import Log
from core.models.outbox_event import OutboxEvent
from core.sealing import SealBrokenError, Sealer
from core.settings import Settings
from crm import backlog, ledger, sole_sender
from crm.backoff import Backoff
from crm.event import Event, opened
from crm.shape import Answer, Crm, Outcome, PermanentCrmError, TemporaryCrmError

LOCK_NAME = "crm.lock"

# One call ends after so many requests, so that a program that is told to stop does.
_REQUESTS_A_CALL = 100

_log = Log("crm")


@dataclasses.dataclass(slots=True)
class Tally:
    """How many events went which way in one call of `deliver`."""

    accepted: int = 0
    duplicate: int = 0
    refused: int = 0
    postponed: int = 0


def deliver(
    database: Database,
    sealer: Sealer,
    crm: Crm,
    settings: Settings,
    now: dt.datetime,
    *,
    backoff: Backoff | None = None,
) -> Tally:
    """Send what is due, oldest first, until nothing is or the CRM fails.

    A CRM that is down is down for every event: the first temporary failure ends the
    call, and later calls send nothing until its wait is over. Nor does a call send
    anything while another process is sending.
    """
    with sole_sender.turn(settings.data_dir / LOCK_NAME) as ours:
        if not ours:
            _log.info("another process is sending")
            return Tally()
        return _Delivery(database, sealer, crm, settings, now, backoff or Backoff()).run()


@dataclasses.dataclass(slots=True)
class _Delivery:
    database: Database
    sealer: Sealer
    crm: Crm
    settings: Settings
    now: dt.datetime
    backoff: Backoff
    tally: Tally = dataclasses.field(default_factory=Tally)

    def run(self) -> Tally:
        with self.database.reading() as session:
            if backlog.is_paused(session, self.now):
                return self.tally
        size = self.settings.crm.batch_size
        for _ in range(_REQUESTS_A_CALL):
            with self.database.reading() as session:
                rows = backlog.due(session, size, self.now)
            if not rows:
                break
            size = self._send(*self._open(rows))
        return self.tally

    def _open(self, rows: Sequence[OutboxEvent]) -> tuple[list[OutboxEvent], list[Event]]:
        """The rows that open, and their events. The others are put off, not given up.

        With the wrong key none opens, and all is well again once the right one is back.
        """
        sound, events, broken = [], [], []
        for row in rows:
            try:
                events.append(opened(row, self.sealer, self.settings.store.id))
                sound.append(row)
            except SealBrokenError:
                broken.append(row)
        if broken:
            _log.error("events do not open", events=len(broken), mend="restore secrets.toml")
            self._postpone(broken, backlog.SEAL_BROKEN)
        return sound, events

    def _send(self, rows: Sequence[OutboxEvent], events: Sequence[Event]) -> int:
        """How many events to try next; 0 to stop for now."""
        largest = self.settings.crm.batch_size
        if not events:
            return largest
        try:
            answers = self.crm.send(events)
        except TemporaryCrmError as error:
            wait = self._postpone(rows, error.reason, error.retry_after_s)
            _log.warning("the CRM took nothing", reason=error.reason, wait_s=wait.total_seconds())
            return 0
        except PermanentCrmError as error:
            if len(rows) > 1:
                return len(rows) // 2
            self._park({error.reason: list(rows)})
        else:
            self._settle(rows, answers)
        # After halving, feel the way back up.
        return min(len(rows) * 2, largest)

    def _settle(self, rows: Sequence[OutboxEvent], answers: Mapping[str, Answer]) -> None:
        taken, unanswered = [], []
        refused: dict[str, list[OutboxEvent]] = collections.defaultdict(list)
        for row in rows:
            answer = answers.get(row.event_id)
            if answer is None:
                unanswered.append(row)
            elif answer.outcome is Outcome.REFUSED:
                refused[answer.refusal or ""].append(row)
            else:
                taken.append(row)
                self.tally.duplicate += answer.outcome is Outcome.DUPLICATE
                self.tally.accepted += answer.outcome is Outcome.ACCEPTED
        with self.database.writing() as session:
            ledger.sent(session, taken, self.now)
        if refused:
            self._park(refused)
        if unanswered:
            self._postpone(unanswered, backlog.UNANSWERED)

    def _park(self, refused: Mapping[str, list[OutboxEvent]]) -> None:
        with self.database.writing() as session:
            for reason, rows in refused.items():
                ledger.parked(session, rows, reason)
        for reason, rows in refused.items():
            self.tally.refused += len(rows)
            for row in rows:
                _log.error("event parked", id=row.event_id, type=row.type, reason=reason)

    def _postpone(
        self, rows: Sequence[OutboxEvent], reason: str, asked_s: float | None = None
    ) -> dt.timedelta:
        attempts = max(row.attempts for row in rows) + 1
        wait = self.backoff.wait(attempts, asked_s)
        with self.database.writing() as session:
            ledger.postponed(session, rows, reason, self.now + wait)
        self.tally.postponed += len(rows)
        return wait
