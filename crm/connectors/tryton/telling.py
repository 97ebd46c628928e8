"""What is told of members as a whole."""

from collections.abc import Mapping, Sequence

from crm import news
from crm.connectors.tryton import party as parties
from crm.connectors.tryton.party import PARTY, Key, Party
from crm.connectors.tryton.rest import Id, InvalidError, Row, create
from crm.connectors.tryton.work import ACCEPTED, DUPLICATE, REFUSED, Work
from crm.event import Event
from crm.records import Record


def tell(work: Work, events: Sequence[Event], remembered: Mapping[str, Record]) -> None:
    asked = [event for event in events if not _is_known(work, event, remembered)]
    found = work.found({news.member(event) for event in asked})
    fresh = []
    for event in asked:
        party = found.get(news.member(event))
        if party is None:
            fresh.append(event)
        else:
            _change(work, event, party)
    _enrol(work, fresh)


def _is_known(work: Work, event: Event, remembered: Mapping[str, Record]) -> bool:
    member = news.member(event)
    record = remembered.get(member, Record(member))
    if record.has(news.version(event)) or member in work.now_gone():
        work.answers[event.id] = DUPLICATE
        return True
    return False


def _change(work: Work, event: Event, party: Party) -> None:
    version = news.version(event)
    if party.is_gone:
        work.gone(event, [party.member], DUPLICATE)
    elif party.version >= version:
        work.done(event, party, DUPLICATE)
    else:
        values, mechanisms = _values(work, event, party.categories)
        try:
            work.write(party, parties.changed(party, values, mechanisms, str(version)))
        except InvalidError:
            work.answers[event.id] = REFUSED
        else:
            work.done(event, party, ACCEPTED)


def _enrol(work: Work, events: Sequence[Event]) -> None:
    """All at once; if Tryton will not have that, one by one, to find out whom it means."""
    if not events:
        return
    rows = [_row(work, event) for event in events]
    try:
        ids = create(work.rest, PARTY, rows)
    except InvalidError:
        for event, row in zip(events, rows, strict=True):
            _enrol_alone(work, event, row)
    else:
        for event, made in zip(events, ids, strict=True):
            work.done(event, Party(made, news.member(event)), ACCEPTED)


def _enrol_alone(work: Work, event: Event, row: Row) -> None:
    member = news.member(event)
    try:
        [made] = create(work.rest, PARTY, [row])
    except InvalidError:
        # Perhaps a request that we gave up was heard after all.
        party = work.found([member]).get(member)
        if party is None:
            work.answers[event.id] = REFUSED
        else:
            _change(work, event, party)
    else:
        work.done(event, Party(made, member), ACCEPTED)


def _row(work: Work, event: Event) -> Row:
    values, mechanisms = _values(work, event, frozenset())
    return parties.new(news.member(event), values, mechanisms, str(news.version(event)))


def _values(work: Work, event: Event, has: frozenset[Id]) -> tuple[Row, dict[Key, str | None]]:
    """What the event says: fields of the party that has these categories; contact mechanisms."""
    fields, mechanisms, categories = parties.split(work.fields.values(event))
    if language := fields.get(parties.LANGUAGE):
        fields[parties.LANGUAGE] = work.names.language(work.rest, str(language))
    work.names.check(work.rest, fields.keys() - {parties.LANGUAGE})
    # Of a party without categories none can be taken, and so none has to be looked up.
    named = {
        work.names.category(work.rest, name): wanted
        for name, wanted in categories.items()
        if wanted or has
    }
    add = [each for each, wanted in named.items() if wanted and each not in has]
    remove = [each for each, wanted in named.items() if not wanted and each in has]
    changes = [[verb, ids] for verb, ids in (("add", add), ("remove", remove)) if ids]
    return (fields | {"categories": changes} if changes else fields), mechanisms
