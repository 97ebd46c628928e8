"""A CRM in memory that does as it is told, and an outbox with news for it."""

import dataclasses

import sqlalchemy as sa

from core import crm_line, outbox
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType
from core.sealing import Sealer
from core.setting_groups.crm import CrmSettings
from core.settings import Settings
from crm import delivery
from crm.backoff import Backoff
from crm.shape import Answer, Outcome

# What no log, error or table may show.
CANARY = "+8613800138000"


class ScriptedCrm:
    """Takes each event once, unless `turns` has something else in store for a request.

    A turn is an error to raise, or answers by subject (None: leave the event out).
    """

    takes = frozenset(EventType)
    at_once = 1

    def __init__(self, *turns):
        self.turns = list(turns)
        self.requests = []
        self.had = {}

    def send(self, batch):
        self.requests.append([event.subject for event in batch])
        turn = self.turns.pop(0) if self.turns else {}
        if isinstance(turn, BaseException):
            raise turn
        answers = {event.id: self._answer(event, turn) for event in batch}
        return {event_id: answer for event_id, answer in answers.items() if answer}

    def _answer(self, event, turn):
        if event.subject in turn:
            return turn[event.subject]
        outcome = Outcome.DUPLICATE if event.id in self.had else Outcome.ACCEPTED
        self.had.setdefault(event.id, event)
        return Answer(outcome)

    @property
    def subjects(self):
        return [event.subject for event in self.had.values()]


@dataclasses.dataclass
class Desk:
    """An outbox, and what one does with it."""

    database: object
    sealer: Sealer
    settings: Settings

    def add(self, *subjects, now, kind=EventType.COUPON_USED, data=None):
        data = data or {"phone": CANARY}
        with self.database.writing() as session:
            return [
                outbox.add(session, self.sealer, kind, subject=subject, data=data, now=now)
                for subject in subjects
            ]

    def deliver(self, crm, now, chance=0.0, sealer=None):
        """`now` is a moment at which everything happens, or a clock."""
        backoff, clock = Backoff(chance=lambda: chance), now if callable(now) else lambda: now
        return delivery.deliver(
            self.database, sealer or self.sealer, crm, self.settings, clock, backoff=backoff
        )

    def rows(self):
        with self.database.reading() as session:
            return list(session.scalars(sa.select(OutboxEvent).order_by(OutboxEvent.id)))

    def line(self):
        with self.database.reading() as session:
            return crm_line.read(session)

    def states(self):
        return {row.subject: row.state.value for row in self.rows()}


def desk_on(database, sealer, folder, **crm):
    return Desk(database, sealer, Settings(data_dir=folder, crm=CrmSettings(**crm)))
