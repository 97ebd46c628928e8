"""Salesforce: a member is a contact, found again by an external id field.

REST API (developer.salesforce.com, REST API Developer Guide: sObject Collections, Query; OAuth
client credentials flow; Object Reference: StatusCode), all at the organisation's own domain:

    POST   /services/oauth2/token           grant_type=client_credentials, client_id, client_secret
    PATCH  …/composite/sobjects/Contact/<external id field>   {"allOrNone": false, "records": […]}
                                            at most 200; [{"id", "success", "created", "errors":
                                            [{"statusCode", "message", "fields"}]}] in their order
    GET    …/query?q=SELECT …
    PATCH  …/composite/sobjects             as above, by `id`
    DELETE …/composite/sobjects?ids=…       at most 200, answered likewise

What is wrong with a request as a whole is [{"errorCode", "message"}], with 401 for a session that
is over and 403 for a limit. REST merges no contacts: whoever is absorbed stays as a contact that
says into whom, without anything of the person, and is deleted with them.
"""

import urllib.parse
from collections.abc import Mapping, Sequence

from core.log import Log
from core.outbox import EventType
from crm import json_answer, masking, news
from crm.connectors.salesforce_gateway import SalesforceGateway, code_of, results_of
from crm.event import Event
from crm.json_answer import Row
from crm.mapping import FieldMap, Formats, utc
from crm.news import ACCEPTED, News
from crm.setup import Setup
from crm.shape import Answer, Outcome, Preview, Refusal, TemporaryCrmError

DEFAULTS = {
    "phone": "MobilePhone",
    "email": "Email",
    "language": "Doorman_Language__c",
    "store": "Doorman_Store__c",
    "enrolled_at": "Doorman_Enrolled_At__c",
    "version": "Doorman_Version__c",
    "consents.membership": "Doorman_Membership__c",
    "consents.marketing": "Doorman_Marketing__c",
    "consents.visit_analytics": "Doorman_Visit_Analytics__c",
    "attribution.kind": "Doorman_Source_Kind__c",
    "attribution.code": "Doorman_Source_Code__c",
    "attribution.name": "Doorman_Source_Name__c",
    "attribution.until": "Doorman_Source_Until__c",
    "visit.store": "Doorman_Last_Visit_Store__c",
    "visit.end": "Doorman_Last_Visit_At__c",
}

_MOST = 200
_LAST_NAME = "LastName"
# Codes of one row. The first sort passes; the second is about what was sent.
_LATER = {
    "UNABLE_TO_LOCK_ROW",
    "QUERY_TIMEOUT",
    "REQUEST_RUNNING_TOO_LONG",
    "SERVER_UNAVAILABLE",
    "STORAGE_LIMIT_EXCEEDED",
}
_BAD_DATA = {
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "FIELD_INTEGRITY_EXCEPTION",
    "INVALID_EMAIL_ADDRESS",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    "INVALID_TYPE_ON_FIELD_IN_RECORD",
    "NUMBER_OUTSIDE_VALID_RANGE",
    "REQUIRED_FIELD_MISSING",
    "STRING_TOO_LONG",
}
_MISSING, _DELETED = "REQUIRED_FIELD_MISSING", "ENTITY_IS_DELETED"

_log = Log("crm")


class SalesforceCrm:
    at_once = 1

    def __init__(self, setup: Setup) -> None:
        """SettingsError if a setting is wrong."""
        self._found = found = setup.settings.crm.salesforce
        self._gateway = SalesforceGateway(setup)
        self._data = f"/services/data/v{found.api_version}"
        self._key, self._merged = found.member_field, found.merged_field
        self._fields = FieldMap.of(
            "crm.salesforce.fields",
            DEFAULTS,
            found.fields,
            Formats(time=utc, zone=setup.settings.store.zone),
            reserved=(self._key, self._merged),
        )
        self._records = setup.records
        self.takes = self._fields.kinds | {EventType.MEMBER_MERGED, EventType.MEMBER_ERASED}

    def send(self, batch: Sequence[Event]) -> Mapping[str, Answer]:
        """What was done when an error ends it is remembered, and not done again."""
        found = news.of(batch, self._records)
        answers: dict[str, Answer | None] = dict(found.known)
        for event in found.erased:
            answers[event.id] = self._erase(event)
        for event in found.merged:
            answers[event.id] = self._merge(event)
        for start in range(0, len(found.changed), _MOST):
            events = found.changed[start : start + _MOST]
            told = self._upsert(events)
            self._tell_consents([each for each in events if _is_refused(told, each)], found)
            answers |= told
        return {event_id: answer for event_id, answer in answers.items() if answer}

    def preview(self, batch: Sequence[Event]) -> Sequence[Preview]:
        found = news.of(batch, self._records)
        shown = []
        for event in (*found.erased, *found.merged):
            path = f"{self._data}/query?{urllib.parse.urlencode(self._question(_people(event)))}"
            shown.append(self._shown([event], "GET", path, None))
        for event in found.erased:
            ids = [id_ for each in _people(event) if (id_ := found.remote_id(each))]
            known = [masking.remote_id(event, each) for each in ids]
            if known:
                path = f"{self._data}/composite/sobjects?ids={','.join(known)}&allOrNone=false"
                shown.append(self._shown([event], "DELETE", path, None))
        for start in range(0, len(found.changed), _MOST):
            events = found.changed[start : start + _MOST]
            rows = [self._row(event) for event in events]
            shown.append(self._shown(events, "PATCH", self._upserts, _collection(rows)))
            new = [event for event in events if not found.remote_id(news.member(event))]
            if new:
                named = [self._named(self._row(event)) for event in new]
                shown.append(self._shown(new, "PATCH", self._upserts, _collection(named)))
        return shown

    def close(self) -> None:
        self._gateway.close()

    @property
    def _upserts(self) -> str:
        return f"{self._data}/composite/sobjects/{self._found.object}/{self._key}"

    @property
    def _updates(self) -> str:
        return f"{self._data}/composite/sobjects"

    def _shown(self, events: Sequence[Event], method: str, path: str, body: object) -> Preview:
        ids = tuple(event.id for event in events)
        return Preview(ids, method, self._gateway.address(path), body)

    def _upsert(self, events: Sequence[Event]) -> dict[str, Answer | None]:
        """A name is sent only for a contact that Salesforce would not make without one.

        We know nobody's name, and somebody at the CRM may have found it out.
        """
        rows = [self._row(event) for event in events]
        results = self._collect(self._upserts, rows)
        nameless = [number for number, result in enumerate(results) if _lacks_name(result)]
        if nameless:
            made = self._collect(self._upserts, [self._named(rows[each]) for each in nameless])
            for number, result in zip(nameless, made, strict=True):
                results[number] = result
        done = {
            event.id: str(result.get("id") or "")
            for event, result in zip(events, results, strict=True)
            if result["success"]
        }
        news.told(self._records, [event for event in events if event.id in done], done)
        return {event.id: _answer(result) for event, result in zip(events, results, strict=True)}

    def _tell_consents(self, refused: Sequence[Event], found: News) -> None:
        """Of a contact that Salesforce has: a withdrawal waits for nobody to mend an address."""
        rows = []
        for event in refused:
            values, member = self._fields.values(event), news.member(event)
            consents = {name: values[name] for name in self._fields.consents & values.keys()}
            if found.remote_id(member) and consents:
                # Without a name: Salesforce makes no contact of it, should there be none any more.
                rows.append({**self._typed, self._key: member, **consents})
        self._collect(self._upserts, rows)

    def _row(self, event: Event) -> dict[str, object]:
        return {**self._typed, self._key: news.member(event), **self._fields.values(event)}

    def _named(self, row: Row) -> Row:
        return {**row, _LAST_NAME: self._found.last_name}

    @property
    def _typed(self) -> dict[str, object]:
        return {"attributes": {"type": self._found.object}}

    def _erase(self, event: Event) -> Answer | None:
        people = _people(event)
        contacts = self._contacts(people)
        if contacts:
            query = {"ids": ",".join(contacts), "allOrNone": "false"}
            reply = self._gateway.ask("DELETE", f"{self._data}/composite/sobjects", query=query)
            for result in results_of(reply, len(contacts)):
                answer = _answer(result)
                if answer is not ACCEPTED and code_of(result) != _DELETED:
                    return answer
        news.gone(self._records, event, people)
        return ACCEPTED

    def _merge(self, event: Event) -> Answer | None:
        stays, *absorbed = _people(event)
        contacts = self._contacts([stays, *absorbed])
        own = [id_ for id_, member in contacts.items() if member == stays]
        rows: list[dict[str, object]] = []
        for id_, member in contacts.items():
            if member == stays:
                continue
            row: dict[str, object] = {**self._typed, "id": id_}
            if own:
                row |= {**self._nobody(event, member), self._merged: stays}
            else:
                # Nobody has heard of who stays: the contact goes on as theirs.
                row, own = {**row, self._key: stays}, [id_]
            rows.append(row)
        for result in self._collect(self._updates, rows):
            answer = _answer(result)
            if answer is not ACCEPTED:
                return answer
        news.gone(self._records, event, absorbed)
        news.told(self._records, [event], {event.id: own[0]} if own else {})
        return ACCEPTED

    def _nobody(self, event: Event, member: str) -> Mapping[str, object]:
        """A contact's fields without the person, and without their consent to anything."""
        data = {"member": member, "consents": [], "version": news.version(event)}
        about = {"id": event.id, "source": event.source, "subject": member, "time": event.time}
        emptied = Event.telling(data, type=EventType.MEMBER_UPDATED, **about)
        return self._fields.values(emptied)

    def _contacts(self, people: Sequence[str]) -> dict[str, str]:
        """Contacts of these members and of whom they absorbed, with the member each is of."""
        query = self._question(people)
        answer = json_answer.record(
            self._gateway.ask("GET", f"{self._data}/query", query=query).json()
        )
        if answer.get("done") is not True:
            raise TemporaryCrmError("unreadable_answer")
        return {
            json_answer.text(row, "Id"): json_answer.text(row, self._key)
            for row in json_answer.rows(answer.get("records"))
        }

    def _question(self, people: Sequence[str]) -> dict[str, str]:
        listed = ", ".join(f"'{_quoted(each)}'" for each in people)
        return {
            "q": f"SELECT Id, {self._key} FROM {self._found.object}"  # noqa: S608 - quoted above
            f" WHERE {self._key} IN ({listed}) OR {self._merged} IN ({listed})"
        }

    def _collect(self, path: str, sent: Sequence[Row]) -> list[Row]:
        """What became of each row."""
        if not sent:
            return []
        return results_of(self._gateway.ask("PATCH", path, body=_collection(sent)), len(sent))


def connect(setup: Setup) -> SalesforceCrm:
    return SalesforceCrm(setup)


def _people(event: Event) -> list[str]:
    return [news.member(event), *news.absorbed(event)]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _collection(rows: Sequence[Row]) -> dict[str, object]:
    return {"allOrNone": False, "records": list(rows)}


def _lacks_name(result: Row) -> bool:
    if result["success"] or code_of(result) != _MISSING:
        return False
    return _LAST_NAME in result["errors"][0].get("fields", ())


def _answer(result: Row) -> Answer | None:
    """None if Salesforce may take the row later."""
    if result["success"]:
        return ACCEPTED
    code = code_of(result)
    if code in _LATER:
        _log.warning("Salesforce puts a row off", reason=code)
        return None
    return Answer(Outcome.REFUSED, Refusal.BAD_DATA if code in _BAD_DATA else Refusal.OTHER)


def _is_refused(answers: Mapping[str, Answer | None], event: Event) -> bool:
    answer = answers[event.id]
    return answer is not None and answer.outcome is Outcome.REFUSED
