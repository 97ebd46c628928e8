"""Empties the outbox into the CRM: in order, at least once, never holding the database.

A batch is read, sent with no transaction open, and its answers are written down. A
crash in between leaves the events waiting; they go again, and the CRM knows them by
their ids. So it has each exactly once, whatever moment we die at.

Order is kept within a subject: of each subject only the oldest waiting event goes into
a batch, so that even a CRM that skips one of a batch cannot get the next before it. Two
requests that are under way at once are about different subjects. An event that was refused is
out of the way: later news says all that it said.
"""

import collections
import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from core import crm_line
from core.database import Database
from core.log import Log
from core.metrics import counted
from core.sealing import SealBrokenError, Sealer
from core.settings import Settings
from crm import backlog, breaker, ledger, overflow, proofs, sole_sender
from crm.backlog import Limits, Waiting
from crm.backoff import Backoff
from crm.event import opened
from crm.shape import Answer, Crm, CrmError, Outcome, TemporaryCrmError
from crm.under_way import Batch, UnderWay, requests

# One call ends after so many requests, so that a program that is told to stop does.
_REQUESTS_A_CALL = 100
# So small that a CRM that has just come back is not felled again by what it missed.
_PROBE = 10

_log = Log("crm")


@dataclasses.dataclass(slots=True)
class Tally:
    """How many events went which way in one call of `deliver`."""

    accepted: int = 0
    duplicate: int = 0
    refused: int = 0
    postponed: int = 0
    passed_over: int = 0
    """That the CRM has no place for."""
    dropped: int = 0
    """Given up unsent: too many waited."""


def deliver(
    database: Database,
    sealer: Sealer,
    crm: Crm,
    settings: Settings,
    clock: Callable[[], dt.datetime],
    *,
    backoff: Backoff | None = None,
) -> Tally:
    """Send what is due, oldest first, until nothing is or the CRM fails.

    A CRM that is down is down for every event: the first temporary failure opens the breaker
    and ends the call, and later calls send nothing until its wait is over. Nor does a call
    send anything while another process is sending.

    `clock` is read for each request, for a call may take many minutes.
    """
    with sole_sender.turn(database, settings.data_dir) as ours:
        if not ours:
            _log.info("another process is sending")
            return Tally()
        tally = _Delivery(database, sealer, crm, settings, clock, backoff or Backoff()).run()
    for outcome, events in dataclasses.asdict(tally).items():
        counted.EVENTS.add(outcome, amount=events)
    return tally


@dataclasses.dataclass(slots=True)
class _Delivery:
    database: Database
    sealer: Sealer
    crm: Crm
    settings: Settings
    clock: Callable[[], dt.datetime]
    backoff: Backoff
    tally: Tally = dataclasses.field(default_factory=Tally)
    size: int = 0
    """How many events the next request may hold; 0 to stop for now."""
    erased_up_to: int = 0
    read_up_to: int = 0
    """Ids that this pass over what waits has seen."""
    has_answered: bool = False

    def run(self) -> Tally:
        self.tally.dropped = overflow.trim(self.database, self.settings.crm, self.clock())
        with self.database.reading() as session:
            state = crm_line.state(crm_line.read(session), self.clock())
        if state is crm_line.State.OPEN:
            return self.tally
        largest = self.settings.crm.largest_batch
        self.size = min(_PROBE, largest) if state is crm_line.State.HALF_OPEN else largest
        with requests(self.crm.send, self.crm.at_once) as under_way:
            for _ in range(_REQUESTS_A_CALL):
                self._begin(under_way)
                if not under_way:
                    break
                self._settle_oldest(under_way)
            while under_way:
                self._settle_oldest(under_way)
        return self.tally

    def _begin(self, under_way: UnderWay) -> None:
        """Have as many requests under way as there may be; one, while the way is felt out."""
        most = self.crm.at_once if self.size == self.settings.crm.largest_batch else 1
        while self.size and len(under_way) < most:
            rows = self._next()
            if not rows and not under_way:
                # What was behind another may be next by now.
                self._begin_pass()
                rows = self._next()
            if not rows:
                return
            batch = self._open([row for row in rows if not under_way.is_about(row)])
            if batch.events:
                under_way.begin(batch)

    def _begin_pass(self) -> None:
        self.erased_up_to = self.read_up_to = 0

    def _next(self) -> Sequence[Waiting]:
        limits = Limits(self.size, self.settings.crm.batch_bytes, self.clock())
        with self.database.reading() as session:
            rows = backlog.tombstones(session, self.erased_up_to, limits)
            if rows:
                self.erased_up_to = rows[-1].id
                return rows
            rows = backlog.due(session, self.read_up_to, limits)
            if rows:
                self.read_up_to = rows[-1].id
            return rows

    def _open(self, rows: Sequence[Waiting]) -> Batch:
        """The rows that open, and their events. The others are put off, not given up.

        With the wrong key none opens, and all is well again once the right one is back.
        """
        wanted = [row for row in rows if row.type in self.crm.takes]
        if len(wanted) < len(rows):
            self._pass_over([row for row in rows if row.type not in self.crm.takes])
        sound, events, broken = [], [], []
        for row in wanted:
            try:
                events.append(opened(row, self.sealer, self.settings.store.id))
                sound.append(row)
            except SealBrokenError:
                broken.append(row)
        if broken:
            _log.error("events do not open", events=len(broken), mend="restore secrets.toml")
            self._postpone(broken, backlog.SEAL_BROKEN)
        return Batch(sound, events)

    def _settle_oldest(self, under_way: UnderWay) -> None:
        batch, outcome = under_way.oldest()
        if isinstance(outcome, TemporaryCrmError):
            self.tally.postponed += len(batch.rows)
            self._give_way(outcome)
            return
        if isinstance(outcome, CrmError):
            self._refused_as_a_whole(batch, outcome)
        else:
            self._settle(batch.rows, outcome)
            self._widen()

    def _give_way(self, error: TemporaryCrmError) -> None:
        is_first, self.size = self.size > 0, 0
        if not is_first:
            # A request that was under way beside it: the CRM is down once, not twice.
            return
        with self.database.writing() as session:
            failures = crm_line.read(session).failures + 1
            wait = self.backoff.wait(failures, error.retry_after_s)
            breaker.failed(session, error.reason, self.clock(), wait)
        _log.warning("the CRM took nothing", reason=error.reason, wait_s=wait.total_seconds())

    def _refused_as_a_whole(self, batch: Batch, error: CrmError) -> None:
        if len(batch.rows) == 1:
            self._park(batch.rows, error.reason)
            self._widen()
        elif self.size:
            self.size = len(batch.rows) // 2
            self._begin_pass()

    def _widen(self) -> None:
        """After halving, and after a probe, feel the way back up."""
        self.size = min(self.size * 2, self.settings.crm.largest_batch)

    def _settle(self, rows: Sequence[Waiting], answers: Mapping[str, Answer]) -> None:
        taken, unanswered = [], []
        refused: dict[str, list[Waiting]] = collections.defaultdict(list)
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
        if len(unanswered) == len(rows):
            self._give_way(TemporaryCrmError(backlog.UNANSWERED))
        with self.database.writing() as session:
            self._note_answer(session)
            self._sent(session, taken, has_place=True)
        for reason, rows_refused in refused.items():
            self._park(rows_refused, reason)
        if unanswered:
            self._postpone(unanswered, backlog.UNANSWERED)

    def _sent(self, session: Session, rows: Sequence[Waiting], *, has_place: bool) -> None:
        now, crm = self.clock(), self.settings.crm.kind
        proofs.keep(session, self.sealer, rows, crm, has_place=has_place, now=now)
        ledger.sent(session, rows, now)

    def _note_answer(self, session: Session) -> None:
        if self.has_answered or not self.size:
            # After a failure the answer to what was under way beside it closes nothing.
            return
        breaker.answered(session, self.clock())
        self.has_answered = True

    def _park(self, rows: Sequence[Waiting], reason: str) -> None:
        with self.database.writing() as session:
            self._note_answer(session)
            ledger.parked(session, rows, reason)
        self.tally.refused += len(rows)
        for row in rows:
            _log.error("event parked", id=row.event_id, type=row.type, reason=reason)

    def _pass_over(self, rows: Sequence[Waiting]) -> None:
        with self.database.writing() as session:
            self._sent(session, rows, has_place=False)
        self.tally.passed_over += len(rows)

    def _postpone(self, rows: Sequence[Waiting], reason: str) -> None:
        wait = self.backoff.wait(max(row.attempts for row in rows) + 1)
        with self.database.writing() as session:
            ledger.postponed(session, rows, reason, self.clock() + wait)
        self.tally.postponed += len(rows)
