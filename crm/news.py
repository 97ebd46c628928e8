"""What of a batch is news to a CRM that does not know events by their id.

Such a CRM keeps no version either, so what it has is remembered here (`crm.records`): of each
member the newest version by kind of news, since an attribution that was held up is still news
after a later change of the member. Who is gone is gone for every kind.
"""

import collections
import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

from core.outbox import EventType
from crm.event import Event
from crm.records import MEMBER, Record, Records
from crm.shape import Answer, Outcome, Refusal

ACCEPTED = Answer(Outcome.ACCEPTED)
_DUPLICATE = Answer(Outcome.DUPLICATE)

_OF_MEMBERS = frozenset(
    {
        EventType.MEMBER_ENROLLED,
        EventType.MEMBER_UPDATED,
        EventType.MEMBER_MERGED,
        EventType.MEMBER_ERASED,
    }
)


class RefusedError(Exception):
    """The CRM looked at what one event says and refused it, for good. Its words are not kept."""

    def __init__(self, number: int, refusal: Refusal) -> None:
        super().__init__(str(number))
        self.number, self.refusal = number, refusal
        """What the CRM calls the reason, and what we do."""


@dataclasses.dataclass(frozen=True, slots=True)
class News:
    """A batch, sorted: in this order it goes to the CRM."""

    erased: Sequence[Event]
    merged: Sequence[Event]
    changed: Sequence[Event]
    """Everything that says more about a member who stays."""
    known: Mapping[str, Answer]
    """The answers to what is no news."""
    members: Mapping[str, Record]
    """What is remembered of the members concerned."""

    def remote_id(self, member_id: str) -> str:
        """What the CRM calls a member, "" if that is not known."""
        return self.members[member_id].remote_id if member_id in self.members else ""

    def remembers(self, event: Event) -> bool:
        """Whether anything is remembered of whom the event is about."""
        return any(each in self.members for each in (member(event), *absorbed(event)))


def of(batch: Sequence[Event], records: Records) -> News:
    concerned = {each for event in batch for each in (member(event), *absorbed(event))}
    members = records.find(MEMBER, concerned)
    known: dict[str, Answer] = {}
    sorts: dict[EventType | None, list[Event]] = collections.defaultdict(list)
    for kind, events in _by_kind(batch).items():
        found = members if kind == MEMBER else records.find(kind, [member(e) for e in events])
        for event in events:
            if _is_stale(event, members, found.get(member(event))):
                known[event.id] = _DUPLICATE
            else:
                sort = EventType(event.type)
                ends = sort in {EventType.MEMBER_ERASED, EventType.MEMBER_MERGED}
                sorts[sort if ends else None].append(event)
    return News(
        sorts[EventType.MEMBER_ERASED], sorts[EventType.MEMBER_MERGED], sorts[None], known, members
    )


def one_by_one(found: News, tell: Callable[[Event, News], None]) -> Mapping[str, Answer]:
    """Tell a CRM that takes no batches; `tell` may raise RefusedError.

    What was done when another error ends it is remembered by `tell`, and not done again.
    """
    answers = dict(found.known)
    for event in (*found.erased, *found.merged, *found.changed):
        try:
            tell(event, found)
        except RefusedError as error:
            answers[event.id] = Answer(Outcome.REFUSED, error.refusal)
        else:
            answers[event.id] = ACCEPTED
    return answers


def told(records: Records, events: Iterable[Event], remote_ids: Mapping[str, str]) -> None:
    """The CRM has what these events tell, in the records `remote_ids`, by event id."""
    for kind, each in _by_kind(events).items():
        records.write(
            kind,
            [Record(member(event), remote_ids.get(event.id, ""), version(event)) for event in each],
        )


def gone(records: Records, event: Event, member_ids: Iterable[str]) -> None:
    """The CRM has these members no longer, by this event, and shall not have them again."""
    records.write(MEMBER, [Record(each, "", version(event), is_gone=True) for each in member_ids])


def member(event: Event) -> str:
    return str(event.data["member"])


def absorbed(event: Event) -> tuple[str, ...]:
    """Who is the same person as the member, by a merger or before an erasure."""
    found = event.data.get("absorbed")
    return tuple(str(each) for each in found) if isinstance(found, Sequence) else ()


def version(event: Event) -> int:
    """0 of an event that was queued when events had no versions yet."""
    return int(str(event.data.get("version", 0)))


def _by_kind(events: Iterable[Event]) -> Mapping[str, list[Event]]:
    found: dict[str, list[Event]] = collections.defaultdict(list)
    for event in events:
        # doorman.<what it is about>.<what happened>
        kind = MEMBER if event.type in _OF_MEMBERS else event.type.split(".")[1]
        found[kind].append(event)
    return found


def _is_stale(event: Event, members: Mapping[str, Record], of_kind: Record | None) -> bool:
    if event.type == EventType.MEMBER_ERASED:
        # It may name more who are the same person than an earlier one did.
        return False
    if _is_gone(member(event), members):
        return True
    if event.type == EventType.MEMBER_MERGED:
        # The update that follows a merger which the CRM refused is newer, and merges nobody.
        return all(_is_gone(each, members) for each in absorbed(event))
    return of_kind is not None and of_kind.has(version(event))


def _is_gone(member_id: str, members: Mapping[str, Record]) -> bool:
    return member_id in members and members[member_id].is_gone
