"""Folds the inbox into what headquarters knows: each event once, in order within a store.

A claim is some of one store's oldest events, and one transaction: what they change, what the CRM
will be told, and that they are folded, come true together or not at all. Another process passes
over a store that is claimed. An event that cannot be folded is parked, and the others go on.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.database import Database
from core.log import Log
from core.outbox import EventType
from core.sealing import SealBrokenError, Sealer
from core.settings import Settings
from hq import erasures
from hq.fleet import landing
from hq.fleet.folder import FolderError
from hq.fleet.landing import UnusableRowsError
from hq.intake import batch as batches
from hq.intake import failures, known_fields, parking, traffic
from hq.intake.chain_news import News
from hq.intake.member_events import MemberEvents
from hq.models.inbox import BODY, InboxBatch, InboxEvent, InboxState
from hq.models.store import Store

CLAIM = 200
UNUSABLE = "unusable_rows"

_log = Log("hq")


@dataclasses.dataclass(slots=True)
class Folding:
    """What a job needs to fold."""

    settings: Settings
    database: Database
    sealer: Sealer
    clock: Callable[[], dt.datetime]
    passed_over: set[str] = dataclasses.field(default_factory=set)
    """Events that wait for something that has nothing to do with them: left alone in this run."""
    last_store: str = ""
    """Whose turn it was: the next is another's, if one has anything, and none waits for it."""

    def run(self, most: int = 100) -> int:
        """Fold until nothing waits, or `most` claims are done; how many events there were."""
        self.passed_over.clear()
        count = 0
        for _ in range(most):
            done = self._next()
            if done is None:
                break
            count += done
        return count

    def _next(self) -> int | None:
        """Fold one claim; None if no store has anything that can be folded now."""
        claim = _Claim(self, CLAIM)
        try:
            with self.database.writing() as session:
                return claim.fold(session)
        except Exception as error:  # whatever one event may do to us
            if not claim.store_id or failures.is_of_the_database(error):
                raise
            _log.warning("a claim is folded one by one", reason=type(error).__name__)
        return self._one_by_one(claim.store_id)

    def _one_by_one(self, store_id: str) -> int:
        count = 0
        for _ in range(CLAIM):
            claim = _Claim(self, 1, store_id)
            try:
                with self.database.writing() as session:
                    done = claim.fold(session)
            except Exception as error:  # as above
                if failures.is_of_the_database(error):
                    raise
                done = self._put_aside(claim, error)
            if not done:
                break
            count += done
        return count

    def _put_aside(self, claim: "_Claim", error: Exception) -> int | None:
        """Park the one event of a claim; if it cannot be, at least do not come back to it."""
        reason = f"error_{type(error).__name__}"
        if isinstance(error, erasures.TooManyErasuresError):
            reason = erasures.TOO_MANY
            _log.warning("a store erases too many", store=claim.store_id)
        try:
            with self.database.writing() as session:
                return claim.park(session, reason)
        except Exception as another:  # as above
            if failures.is_of_the_database(another):
                raise
            _log.error("an event cannot be read", reason=type(another).__name__)
        with self.database.writing() as session:
            return claim.pass_by(session)


@dataclasses.dataclass(slots=True)
class _Claim:
    parts: Folding
    size: int
    store_id: str = ""
    """Empty: of whatever store's turn it is."""
    _is_let_through: bool = False

    def fold(self, session: Session) -> int | None:
        store = self._store(session)
        if store is None:
            return None
        self.store_id = store.id
        # Now, not once it has gone well: what fails here keeps no other store waiting.
        self.parts.last_store = store.id
        rows = self._rows(session)
        events = self._opened(session, rows)
        now = self.parts.clock()
        mine = [row for row in rows if row.event_id in events]
        # First what takes long, so that no other store's members wait for it.
        for row in mine:
            if not MemberEvents.has(row.type):
                self._fold_figures(session, store, row, events[row.event_id], now)
        members = MemberEvents(session, self.parts.sealer, store.id, now)
        members.fold([(row, events[row.event_id]) for row in mine if members.has(row.type)])
        session.flush()
        if not self._is_let_through:
            most = self.parts.settings.hq.erasures_per_store_day
            erasures.check(session, most, now)
        self._finish(session, rows)
        return len(rows)

    def park(self, session: Session, reason: str) -> int | None:
        """Put aside the event that this claim was to fold."""
        if self._store(session) is None:
            return None
        rows = self._rows(session)
        for row in rows:
            event = self._opened(session, [row]).get(row.event_id)
            if event is not None:
                now = self.parts.clock()
                parking.park(session, self.parts.sealer, row, event, reason=reason, now=now)
        session.flush()
        self._finish(session, rows)
        return len(rows)

    def pass_by(self, session: Session) -> int:
        """Set the event that this claim was to fold aside by its key, without reading it."""
        first = (
            sa.select(InboxEvent.event_id, InboxEvent.batch_id)
            .where(*self._waiting())
            .order_by(InboxEvent.batch_id, InboxEvent.position)
            .limit(1)
        )
        found = session.execute(first).all()
        self._write_down(session, [event_id for event_id, _ in found], InboxState.PARKED)
        self._forget(session, {batch_id for _, batch_id in found})
        return len(found)

    def _store(self, session: Session) -> Store | None:
        """One that has something to be folded, and that nobody else is folding."""
        waits = sa.exists().where(
            InboxEvent.store_id == Store.id,
            InboxEvent.state == InboxState.WAITING,
            InboxEvent.event_id.not_in(self.parts.passed_over),
        )
        first = sa.select(Store).where(waits).order_by(Store.id).limit(1)
        turns = [first.where(Store.id > self.parts.last_store), first]
        if self.store_id:
            turns = [first.where(Store.id == self.store_id)]
        for turn in turns:
            # A weak lock: a strong one would keep the store's own requests waiting.
            store = session.scalar(turn.with_for_update(skip_locked=True, key_share=True))
            if store is not None:
                return store
        return None

    def _rows(self, session: Session) -> Sequence[InboxEvent]:
        wanted = (
            sa.select(InboxEvent)
            .where(*self._waiting())
            .order_by(InboxEvent.batch_id, InboxEvent.position)
            .limit(self.size)
        )
        return session.scalars(wanted).all()

    def _waiting(self) -> list[sa.ColumnElement[bool]]:
        return [
            InboxEvent.store_id == self.store_id,
            InboxEvent.state == InboxState.WAITING,
            InboxEvent.event_id.not_in(self.parts.passed_over),
        ]

    def _opened(self, session: Session, rows: Sequence[InboxEvent]) -> dict[str, Mapping[str, Any]]:
        """What the events say. Those that do not open wait for the right key."""
        wanted = sa.select(InboxBatch).where(InboxBatch.id.in_({row.batch_id for row in rows}))
        found: dict[int, list[dict[str, Any]]] = {}
        held = session.scalars(wanted).all()
        self._is_let_through = all(batch.is_let_through for batch in held)
        for batch in held:
            try:
                body = self.parts.sealer.open(BODY, batch.sealed_body)
            except SealBrokenError:
                _log.error("a batch does not open", mend="restore secrets.toml")
            else:
                found[batch.id] = batches.events_in(body)
        self.parts.passed_over.update(row.event_id for row in rows if row.batch_id not in found)
        return {
            row.event_id: known_fields.known(found[row.batch_id][row.position])
            for row in rows
            if row.batch_id in found
        }

    def _fold_figures(
        self,
        session: Session,
        store: Store,
        row: InboxEvent,
        event: Mapping[str, Any],
        now: dt.datetime,
    ) -> None:
        data = event["data"]
        match row.type:
            case EventType.VISITS_DAY:
                self._land(session, store, row, event, now)
                return
            case EventType.TRAFFIC_DAY:
                traffic.take_day(session, store.id, data)
            case EventType.TRAFFIC_HOUR:
                traffic.take_hour(session, store.id, data)
        news = News(session, self.parts.sealer, store.id, now)
        news.pass_on(row.type, row.subject, data, row.occurred_at, source=store.id)

    def _land(
        self,
        session: Session,
        store: Store,
        row: InboxEvent,
        event: Mapping[str, Any],
        now: dt.datetime,
    ) -> None:
        try:
            landing.land(
                self.parts.settings,
                store=store.id,
                region=store.region,
                data=event["data"],
                now=now,
            )
        except UnusableRowsError:
            parking.park(session, self.parts.sealer, row, event, reason=UNUSABLE, now=now)
        except FolderError as error:
            _log.warning("visit rows wait", mend=str(error))
            self.parts.passed_over.add(row.event_id)

    def _finish(self, session: Session, rows: Sequence[InboxEvent]) -> None:
        """Write down what is folded, and forget what it said."""
        folded = [
            row.event_id
            for row in rows
            if row.state is InboxState.WAITING and row.event_id not in self.parts.passed_over
        ]
        self._write_down(session, folded, InboxState.FOLDED)
        self._forget(session, {row.batch_id for row in rows})

    def _write_down(self, session: Session, event_ids: Sequence[str], state: InboxState) -> None:
        session.execute(
            sa.update(InboxEvent)
            .where(InboxEvent.store_id == self.store_id, InboxEvent.event_id.in_(event_ids))
            .values(state=state)
            .execution_options(synchronize_session=False)
        )

    def _forget(self, session: Session, batch_ids: Collection[int]) -> None:
        """The batches of which nothing waits any more."""
        still_needed = sa.exists().where(
            InboxEvent.store_id == self.store_id,
            InboxEvent.batch_id == InboxBatch.id,
            InboxEvent.state == InboxState.WAITING,
        )
        session.execute(
            sa.delete(InboxBatch)
            .where(InboxBatch.id.in_(batch_ids), ~still_needed)
            .execution_options(synchronize_session=False)
        )
