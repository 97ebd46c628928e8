"""What else is told of members: each event becomes a note on their party, once."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence

from crm import news
from crm.connectors.tryton import party as parties
from crm.connectors.tryton.note import message
from crm.connectors.tryton.party import Party
from crm.connectors.tryton.rest import InvalidError, Row, create, find
from crm.connectors.tryton.work import ACCEPTED, DUPLICATE, NOTED, REFUSED, Work
from crm.event import Event
from crm.records import Record

_NOTE = "ir.note"


def note(work: Work, events: Sequence[Event], remembered: Mapping[str, Record]) -> None:
    noted = work.records.find(NOTED, [event.id for event in events])
    work.answers.update(dict.fromkeys(noted, DUPLICATE))
    waiting = [event for event in events if event.id not in noted]
    gone = work.now_gone().union(each for each, record in remembered.items() if record.is_gone)
    places = _places(work, {news.member(event) for event in waiting}, gone)
    there = _notes(work, filter(None, places.values()), [message(event) for event in waiting])
    fresh: list[tuple[Event, Row]] = []
    for event in waiting:
        if news.member(event) not in places:
            work.answers[event.id] = REFUSED
            continue
        party = places[news.member(event)]
        if party is None or (party.resource, message(event)) in there:
            work.noted(event, DUPLICATE)
        else:
            fresh.append((event, {"resource": party.resource, "message": message(event)}))
    _write(work, fresh)


def _places(work: Work, members: set[str], gone: frozenset[str]) -> dict[str, Party | None]:
    """Where notes on each member go: to their party, or to that of whom they were merged into.

    None for who was erased. Who is not there is not to be made at Tryton.
    """
    found = work.found(members)
    for member in sorted(members - found.keys() - gone):
        # News of the member as a whole was held up, or refused.
        with contextlib.suppress(InvalidError):
            found |= work.made([member], parties.NOTHING_YET)
    # Whoever absorbed somebody may have been absorbed since.
    while missing := {party.successor for party in found.values()} - found.keys() - {""}:
        heirs = work.found(missing)
        if not heirs:
            break
        found |= heirs
    return {each: _heir(found, each) for each in members & (found.keys() | gone)}


def _heir(found: Mapping[str, Party], member: str) -> Party | None:
    seen: set[str] = set()
    while member in found and member not in seen:
        seen.add(member)
        party = found[member]
        if not party.is_gone:
            return party
        member = party.successor
    return None


def _notes(work: Work, on: Iterable[Party], texts: Iterable[str]) -> set[tuple[str, str]]:
    """Those of these texts that are noted, and on which party."""
    resources = sorted({party.resource for party in on})
    if not resources:
        return set()
    domain = [["resource", "in", resources], ["message", "in", sorted(set(texts))]]
    rows = find(work.rest, _NOTE, domain, "resource", "message")
    return {(str(row["resource"]), str(row["message"])) for row in rows}


def _write(work: Work, fresh: Sequence[tuple[Event, Row]]) -> None:
    if not fresh:
        return
    try:
        create(work.rest, _NOTE, [row for _, row in fresh])
    except InvalidError:
        if len(fresh) > 1:
            for each in fresh:
                _write(work, [each])
            return
        work.answers[fresh[0][0].id] = REFUSED
    else:
        for event, _ in fresh:
            work.noted(event, ACCEPTED)
