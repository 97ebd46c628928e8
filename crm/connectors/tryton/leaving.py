"""Members who go: erased, or merged into another.

Their party stays, empty and inactive, since other modules of Tryton may point to it, and since it
tells for good that there is no such member.
"""

from collections.abc import Sequence

from core.log import Log
from crm import news
from crm.connectors.tryton import party as parties
from crm.connectors.tryton.party import Party
from crm.connectors.tryton.rest import InvalidError, find
from crm.connectors.tryton.work import ACCEPTED, REFUSED, Work
from crm.event import Event

_NOTE, _ATTACHMENT = "ir.note", "ir.attachment"

_log = Log("crm")


def erase(work: Work, events: Sequence[Event]) -> None:
    found = work.found({each for event in events for each in _concerned(event)})
    for event in events:
        try:
            for member in _concerned(event):
                if member not in found:
                    found |= work.made([member], parties.ERASED)
                _erase_party(work, found[member])
        except InvalidError:
            mend = "erase the party at Tryton, then doorman crm send-again"
            _log.error("Tryton does not let a party be erased", id=event.id, mend=mend)
            work.answers[event.id] = REFUSED
        else:
            work.gone(event, _concerned(event), ACCEPTED)


def merge(work: Work, events: Sequence[Event]) -> None:
    found = work.found({each for event in events for each in _concerned(event)})
    for event in events:
        stays = news.member(event)
        try:
            for member in news.absorbed(event):
                if member not in found:
                    found |= work.made([member], parties.merged_into(stays))
                if stays not in found:
                    found |= work.made([stays], parties.NOTHING_YET)
                _merge_party(work, found[member], found[stays])
        except InvalidError:
            work.answers[event.id] = REFUSED
        else:
            work.gone(event, news.absorbed(event), ACCEPTED)


def _concerned(event: Event) -> tuple[str, ...]:
    return news.member(event), *news.absorbed(event)


def _erase_party(work: Work, party: Party) -> None:
    if party.is_erased and not party.is_active:
        return
    for model in (_NOTE, _ATTACHMENT):
        for row in find(work.rest, model, [["resource", "=", party.resource]]):
            work.rest.delete(model, row["id"])
    work.write(party, parties.erased(party), is_active=False)


def _merge_party(work: Work, party: Party, stays: Party) -> None:
    if party.is_gone and not party.is_active:
        return
    if stays.is_erased:
        _erase_party(work, party)
        return
    for row in find(work.rest, _NOTE, [["resource", "=", party.resource]]):
        work.rest.change(_NOTE, row["id"], {"resource": stays.resource})
    values = {} if party.is_gone else parties.merged(party, stays.member)
    work.write(party, values, is_active=False)
