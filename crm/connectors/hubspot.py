"""HubSpot: a member is a contact, found again by a unique property of our own.

CRM API v3 of contacts, with the token of a private app (developers.hubspot.com/docs/api-reference,
contacts: batch upsert, batch read, merge, GDPR delete; HubSpot/hubspot-api-python):

    POST …/batch/upsert    {"inputs": [{"id", "idProperty", "objectWriteTraceId", "properties"}]}
                           at most 100. A trace id for each makes HubSpot take the good ones: 207,
                           {"results": […], "errors": [{"category", "context":
                           {"objectWriteTraceId": ["…"]}}]}. Else one bad one refuses all: 400
    POST …/batch/read      {"idProperty", "inputs": [{"id"}], "properties": […]}
    POST …/merge           {"primaryObjectId", "objectIdToMerge"}; the merged contact has a new id
    POST …/gdpr-delete     {"objectId"}: for good, with all that hangs on it

Values are strings, "" empties. Nothing is known at HubSpot of versions: `crm.news` keeps them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from core.outbox import EventType
from crm import masking, news
from crm.connectors.hubspot_gateway import HubspotGateway
from crm.event import Event
from crm.json_answer import Row, record, rows, text
from crm.mapping import FieldMap, Formats, utc
from crm.news import ACCEPTED, News
from crm.setup import Setup
from crm.shape import Answer, Outcome, PermanentCrmError, Preview, Refusal, TemporaryCrmError

DEFAULTS = {
    "phone": "phone",
    "email": "email",
    "language": "doorman_language",
    "store": "doorman_store",
    "enrolled_at": "doorman_enrolled_at",
    "version": "doorman_version",
    "consents.membership": "doorman_membership",
    "consents.marketing": "doorman_marketing",
    "consents.visit_analytics": "doorman_visit_analytics",
    "attribution.kind": "doorman_source_kind",
    "attribution.code": "doorman_source_code",
    "attribution.name": "doorman_source_name",
    "attribution.until": "doorman_source_until",
    "visit.store": "doorman_last_visit_store",
    "visit.end": "doorman_last_visit_at",
}

_MOST = 100
_CONFLICT, _NOT_FOUND, _INVALID = "CONFLICT", "OBJECT_NOT_FOUND", "VALIDATION_ERROR"
_LATER = {"RATE_LIMITS", "INTERNAL_ERROR"}


class HubspotCrm:
    at_once = 1

    def __init__(self, setup: Setup) -> None:
        """SettingsError if a setting is wrong."""
        found = setup.settings.crm.hubspot
        self._gateway = HubspotGateway(setup)
        self._unique = found.member_property
        formats = Formats(
            time=utc,
            boolean=lambda value: "true" if value else "false",
            zone=setup.settings.store.zone,
        )
        self._fields = FieldMap.of(
            "crm.hubspot.fields", DEFAULTS, found.fields, formats, reserved=(self._unique,)
        )
        self._records = setup.records
        self.takes = self._fields.kinds | {EventType.MEMBER_MERGED, EventType.MEMBER_ERASED}

    def send(self, batch: Sequence[Event]) -> Mapping[str, Answer]:
        """What was done when an error ends it is remembered, and not done again."""
        found = news.of(batch, self._records)
        answers = dict(found.known)
        for event in found.erased:
            answers[event.id] = self._alone(self._erase, event)
        for event in found.merged:
            answers[event.id] = self._alone(self._merge, event)
        for start in range(0, len(found.changed), _MOST):
            events = found.changed[start : start + _MOST]
            told = self._upsert(events)
            self._tell_consents([each for each in events if _is_refused(told, each)], found)
            answers |= told
        return answers

    def preview(self, batch: Sequence[Event]) -> Sequence[Preview]:
        found = news.of(batch, self._records)
        shown = [*self._shown_endings(found)]
        for start in range(0, len(found.changed), _MOST):
            events = found.changed[start : start + _MOST]
            shown.append(self._shown(events, "/batch/upsert", self._inputs(events)))
        return shown

    def close(self) -> None:
        self._gateway.close()

    def _shown_endings(self, found: News) -> Iterable[Preview]:
        for event in (*found.erased, *found.merged):
            ids = (news.member(event), *news.absorbed(event))
            yield self._shown([event], "/batch/read", self._question(ids))
        for event in found.erased:
            for each in (news.member(event), *news.absorbed(event)):
                contact = found.remote_id(each)
                if contact:
                    body = {"objectId": masking.remote_id(event, contact)}
                    yield self._shown([event], "/gdpr-delete", body)

    def _shown(self, events: Sequence[Event], path: str, body: object) -> Preview:
        ids = tuple(event.id for event in events)
        return Preview(ids, "POST", self._gateway.address(path), body)

    def _alone(self, do: Callable[[Event], None], event: Event) -> Answer:
        """The answer to an event that has requests of its own."""
        try:
            do(event)
        except PermanentCrmError:
            return Answer(Outcome.REFUSED, Refusal.BAD_DATA)
        return ACCEPTED

    def _erase(self, event: Event) -> None:
        ids = (news.member(event), *news.absorbed(event))
        for contact in self._contacts(ids).values():
            self._gateway.ask("/gdpr-delete", {"objectId": contact})
        news.gone(self._records, event, ids)

    def _merge(self, event: Event) -> None:
        """Who stays is known by the member's id afterwards, even if only the absorbed was there."""
        ids = (news.member(event), *news.absorbed(event))
        contacts = self._contacts(ids)
        stays, *others = [contacts[each] for each in ids if each in contacts] or [""]
        for other in others:
            body = {"primaryObjectId": stays, "objectIdToMerge": other}
            stays = text(self._gateway.ask("/merge", body), "id")
        if stays and (others or ids[0] not in contacts):
            # In a merger the newer value wins, which may be the absorbed one's.
            changed = {"id": stays, "properties": {self._unique: ids[0]}}
            self._gateway.ask("/batch/update", {"inputs": [changed]})
        news.gone(self._records, event, ids[1:])
        news.told(self._records, [event], {event.id: stays})

    def _upsert(self, events: Sequence[Event]) -> Mapping[str, Answer]:
        answer = self._gateway.ask("/batch/upsert", self._inputs(events))
        done, errors = self._results(answer, events), _errors(answer)
        conflicts = {
            event_id: existing
            for event_id, error in errors.items()
            if error.get("category") == _CONFLICT and (existing := _existing(error))
        }
        adopted = self._adopt([event for event in events if event.id in conflicts], conflicts)
        done |= adopted
        news.told(self._records, [event for event in events if event.id in done], done)
        refused = {
            event_id: Answer(Outcome.REFUSED, _refusal(error))
            for event_id, error in errors.items()
            if event_id not in done and error.get("category") not in _LATER
        }
        return refused | dict.fromkeys(done, ACCEPTED)

    def _tell_consents(self, refused: Sequence[Event], found: News) -> None:
        """Of a contact that HubSpot has: a withdrawal waits for nobody to mend an address."""
        inputs = [
            self._input(event, consents)
            for event in refused
            if found.remote_id(news.member(event)) and (consents := self._consents(event))
        ]
        if inputs:
            self._gateway.ask("/batch/update", {"inputs": inputs})

    def _consents(self, event: Event) -> dict[str, str]:
        properties = self._properties(event)
        return {name: properties[name] for name in self._fields.consents & properties.keys()}

    def _adopt(self, events: Sequence[Event], existing: Mapping[str, str]) -> dict[str, str]:
        """Make a contact with the same e-mail address this member's, if it is nobody else's."""
        if not events:
            return {}
        question = {
            "inputs": [{"id": each} for each in sorted(set(existing.values()))],
            "properties": [self._unique],
        }
        free = {
            text(row, "id")
            for row in rows(self._gateway.ask("/batch/read", question).get("results"))
            if not record(row.get("properties")).get(self._unique)
        }
        inputs = [
            {
                "id": existing[event.id],
                "objectWriteTraceId": event.id,
                "properties": {self._unique: news.member(event), **self._properties(event)},
            }
            for event in events
            if existing[event.id] in free
        ]
        if not inputs:
            return {}
        return self._results(self._gateway.ask("/batch/update", {"inputs": inputs}), events)

    def _results(self, answer: Row, events: Sequence[Event]) -> dict[str, str]:
        """Contacts by the id of the event that went to each.

        HubSpot need not repeat the trace id; a contact tells whose it is all the same.
        """
        of_members = {news.member(event): event.id for event in events}
        found = {}
        for row in rows(answer.get("results")):
            member = record(row.get("properties", {})).get(self._unique)
            trace = row.get("objectWriteTraceId") or of_members.get(str(member))
            if trace:
                found[str(trace)] = text(row, "id")
        return found

    def _inputs(self, events: Sequence[Event]) -> dict[str, object]:
        return {"inputs": [self._input(event, self._properties(event)) for event in events]}

    def _input(self, event: Event, properties: Mapping[str, str]) -> dict[str, object]:
        """By our own id: what HubSpot's own number stands for may have changed."""
        return {
            "id": news.member(event),
            "idProperty": self._unique,
            "objectWriteTraceId": event.id,
            "properties": dict(properties),
        }

    def _properties(self, event: Event) -> dict[str, str]:
        values = self._fields.values(event)
        return {name: "" if value is None else str(value) for name, value in values.items()}

    def _contacts(self, member_ids: Sequence[str]) -> dict[str, str]:
        """The contacts there are of these members, by member."""
        answer = self._gateway.ask("/batch/read", self._question(member_ids))
        if any(row.get("category") != _NOT_FOUND for row in rows(answer.get("errors", []))):
            raise TemporaryCrmError("unreadable_answer")
        return {
            text(record(row.get("properties")), self._unique): text(row, "id")
            for row in rows(answer.get("results"))
        }

    def _question(self, member_ids: Sequence[str]) -> dict[str, object]:
        return {
            "idProperty": self._unique,
            "inputs": [{"id": each} for each in member_ids],
            "properties": [self._unique],
        }


def connect(setup: Setup) -> HubspotCrm:
    return HubspotCrm(setup)


def _errors(answer: Row) -> dict[str, Row]:
    """Errors by the id of the event that each is about."""
    found = {}
    for row in rows(answer.get("errors", [])):
        for trace in record(row.get("context", {})).get("objectWriteTraceId", ()):
            found[str(trace)] = row
    return found


def _existing(error: Row) -> str:
    """The contact that stands in the way, "" if HubSpot does not say."""
    found = error["context"].get("existingId")
    return str(found[0]) if isinstance(found, list) and found else ""


def _refusal(error: Row) -> Refusal:
    return Refusal.BAD_DATA if error.get("category") == _INVALID else Refusal.OTHER


def _is_refused(answers: Mapping[str, Answer], event: Event) -> bool:
    return event.id in answers and answers[event.id].outcome is Outcome.REFUSED
