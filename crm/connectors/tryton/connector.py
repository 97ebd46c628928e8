"""Tryton (https://www.tryton.org), by its REST: members are parties, and what else is told of them
are notes.

Consents are a category each, so that staff can leave out whoever does not agree to marketing.
Figures of traffic have no place there and are not taken.
"""

from collections.abc import Mapping, Sequence

from core.outbox import EventType
from core.setting_groups.connectors import FieldType
from core.settings import SettingsError
from crm import news
from crm.connectors.tryton import leaving, noting, telling
from crm.connectors.tryton import party as parties
from crm.connectors.tryton.names import Names
from crm.connectors.tryton.note import WORDS
from crm.connectors.tryton.rest import LiveRest, ShownRest
from crm.connectors.tryton.work import Work
from crm.event import Event
from crm.mapping import FieldMap, Formats
from crm.records import MEMBER
from crm.setup import Setup
from crm.shape import Answer, Crm, Preview, TemporaryCrmError
from crm.wire import Wire, safe_url

SETTING = "crm.tryton.fields"
DEFAULTS = {
    "phone": "mobile",
    "email": "email",
    "unionid": "other:WeChat",
    "language": parties.LANGUAGE,
    "consents.marketing": f"{parties.CATEGORY}Marketing",
}
_WHOLE = frozenset({EventType.MEMBER_ENROLLED, EventType.MEMBER_UPDATED})
_MORE = frozenset(WORDS)


def connect(setup: Setup) -> Crm:
    """SettingsError names what is wrong."""
    return Tryton(setup)


class Tryton:
    """One database of a Tryton server."""

    takes = _WHOLE | _MORE | {EventType.MEMBER_MERGED, EventType.MEMBER_ERASED}
    at_once = 1

    def __init__(self, setup: Setup) -> None:
        given = setup.settings.crm.tryton
        formats = Formats(zone=setup.settings.store.zone)
        self._fields = FieldMap.of(SETTING, DEFAULTS, given.fields, formats, parties.RESERVED)
        for target, kind in self._fields.targets.items():
            if target.startswith(parties.CATEGORY) and kind is not FieldType.BOOLEAN:
                raise SettingsError(f"{SETTING}: only a consent can go to {target!r}")
        self._url, self._database = safe_url(given.url, "crm.tryton.url"), given.database
        wire = Wire(self._url, setup.settings.crm.timeout_s, setup.clock)
        self._rest = LiveRest(wire, self._database, given.key.get_secret_value())
        self._records, self._names = setup.records, Names()

    def send(self, batch: Sequence[Event]) -> Mapping[str, Answer]:
        work = Work(self._rest, self._fields, self._names, self._records)
        try:
            _do(work, batch)
        except TemporaryCrmError:
            # Some may be done by now.
            if not work.answers:
                raise
        finally:
            for kind, records in work.learnt.items():
                self._records.write(kind, records)
        return work.answers

    def preview(self, batch: Sequence[Event]) -> Sequence[Preview]:
        ids = tuple(event.id for event in batch)
        shown = ShownRest(self._url, self._database, ids, self._known)
        _do(Work(shown, self._fields, self._names.copy(), self._records), batch)
        return shown.shown

    def close(self) -> None:
        self._rest.close()

    def _known(self, members: Sequence[str]) -> Mapping[str, str]:
        found = self._records.find(MEMBER, members)
        return {each: record.remote_id for each, record in found.items() if record.remote_id}


def _do(work: Work, batch: Sequence[Event]) -> None:
    """Who goes comes first, so that no other news in the batch brings them back."""
    concerned = {each for event in batch for each in (news.member(event), *news.absorbed(event))}
    remembered = work.records.find(MEMBER, concerned)
    leaving.erase(work, [event for event in batch if event.type == EventType.MEMBER_ERASED])
    leaving.merge(work, [event for event in batch if event.type == EventType.MEMBER_MERGED])
    telling.tell(work, [event for event in batch if event.type in _WHOLE], remembered)
    noting.note(work, [event for event in batch if event.type in _MORE], remembered)
