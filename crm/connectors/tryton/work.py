"""One batch on its way to Tryton: what is asked, what came of it, and what to remember.

Tryton has no upsert and knows no event again, so what is there is looked for before anything is
made, by what is at Tryton itself; what we remember only saves questions. A crash between any two
requests leaves what the same events, sent again, bring to its end.
"""

import collections
import dataclasses
from collections.abc import Collection, Iterable, Sequence

from crm import news
from crm.connectors.tryton import party as parties
from crm.connectors.tryton.names import Names
from crm.connectors.tryton.party import PARTY, Party
from crm.connectors.tryton.rest import Rest, Row, create
from crm.event import Event
from crm.mapping import FieldMap
from crm.records import MEMBER, Record, Records
from crm.shape import Answer, Outcome, Refusal

NOTED = "note"
"""The kind by which we remember that an event has become a note."""

ACCEPTED, DUPLICATE = Answer(Outcome.ACCEPTED), Answer(Outcome.DUPLICATE)
REFUSED = Answer(Outcome.REFUSED, Refusal.BAD_DATA)


@dataclasses.dataclass(slots=True)
class Work:
    rest: Rest
    fields: FieldMap
    names: Names
    records: Records
    answers: dict[str, Answer] = dataclasses.field(default_factory=dict)
    """By event id."""
    learnt: dict[str, list[Record]] = dataclasses.field(
        default_factory=lambda: collections.defaultdict(list)
    )
    """What to remember, by kind."""

    def found(self, members: Collection[str]) -> dict[str, Party]:
        """The parties of these members."""
        return parties.find_parties(self.rest, sorted(members)) if members else {}

    def made(self, members: Sequence[str], state: str) -> dict[str, Party]:
        """A party for each of these members, of whom there is none, and nothing to say yet."""
        if not members:
            return {}
        rows = [parties.new(member, {}, {}, state) for member in members]
        ids = create(self.rest, PARTY, rows)
        return {
            member: parties.bare(made, member, state)
            for member, made in zip(members, ids, strict=True)
        }

    def write(self, party: Party, values: Row, *, is_active: bool | None = None) -> None:
        """Change a party. One that staff made inactive stays so."""
        wanted = party.is_active if is_active is None else is_active
        if party.is_active:
            self.rest.change(PARTY, party.id, {**values, "active": wanted})
            return
        # Tryton lets nothing of an inactive party be changed, not even as it becomes active.
        self.rest.change(PARTY, party.id, parties.opened(party))
        marks = self.found([party.member])[party.member].marks
        self.rest.change(PARTY, party.id, parties.closed(values, marks, is_active=wanted))

    def done(self, event: Event, party: Party, answer: Answer) -> None:
        """Tryton has what the event says of a member, in this party, if not more."""
        version = max(party.version, news.version(event))
        self.learnt[MEMBER].append(Record(party.member, str(party.id), version))
        self.answers[event.id] = answer

    def gone(self, event: Event, members: Iterable[str], answer: Answer) -> None:
        """These members are at Tryton no more, and never will be."""
        version = news.version(event)
        self.learnt[MEMBER] += [Record(each, "", version, is_gone=True) for each in members]
        self.answers[event.id] = answer

    def noted(self, event: Event, answer: Answer) -> None:
        self.learnt[NOTED].append(Record(event.id))
        self.answers[event.id] = answer

    def now_gone(self) -> frozenset[str]:
        """Who went by this batch."""
        return frozenset(record.local_id for record in self.learnt[MEMBER] if record.is_gone)
