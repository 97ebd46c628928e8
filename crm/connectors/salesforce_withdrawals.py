"""Who has opted out at Salesforce, contact by contact, in the order of their ids, over and over.

    SELECT Id, Doorman_Member__c FROM Contact WHERE HasOptedOutOfEmail = true AND … AND Id > '…'
    SELECT ContactId, NewValue, CreatedDate FROM ContactHistory WHERE ContactId IN (…) AND Field …

(Object reference: Contact, ContactHistory; of a custom object X__c it is X__History and ParentId.)
The history has what field history tracking was switched on for; without it, when somebody opted
out is not known. Where Salesforce is told what members agree to, only who agrees to marketing by
what we told is looked for.
"""

import datetime as dt
from collections.abc import Sequence

from crm import json_answer
from crm.connectors.salesforce import DEFAULTS
from crm.connectors.salesforce_gateway import SalesforceGateway
from crm.json_answer import Row, text
from crm.mapping import FieldMap
from crm.setup import Setup
from crm.shape import TemporaryCrmError
from crm.withdrawals import Page, Withdrawn

_MOST = 200
_CUSTOM = "__c"


class SalesforceWithdrawals:
    def __init__(self, setup: Setup) -> None:
        """SettingsError if a setting is wrong."""
        self._found = found = setup.settings.crm.salesforce
        self._gateway = SalesforceGateway(setup)
        self._query = f"/services/data/v{found.api_version}/query"
        self._told = FieldMap.of("crm.salesforce.fields", DEFAULTS, found.fields).marketing

    def page(self, after: str) -> Page:
        found = self._rows(self._question(after))
        members = {text(row, "Id"): text(row, self._found.member_field) for row in found}
        times = self._times(list(members)) if members else {}
        return Page(
            [Withdrawn(member, times.get(id_)) for id_, member in members.items()],
            list(members)[-1] if len(members) == _MOST else "",
            is_last=len(members) < _MOST,
        )

    def close(self) -> None:
        self._gateway.close()

    def _question(self, after: str) -> str:
        found = self._found
        opted_out = " OR ".join(f"{name} = true" for name in found.opt_out_fields)
        wanted = [f"({opted_out})", f"{found.member_field} != null"]
        if self._told:
            wanted.append(f"{self._told} = true")
        if after:
            wanted.append(f"Id > '{_id(after)}'")
        return (
            f"SELECT Id, {found.member_field} FROM {found.object}"  # noqa: S608 - names of settings
            f" WHERE {' AND '.join(wanted)} ORDER BY Id LIMIT {_MOST}"
        )

    def _times(self, contacts: Sequence[str]) -> dict[str, dt.datetime]:
        """When each opted out last, as far as the history has it."""
        object_ = self._found.object
        if object_.endswith(_CUSTOM):
            history, of = f"{object_.removesuffix(_CUSTOM)}__History", "ParentId"
        else:
            history, of = f"{object_}History", f"{object_}Id"
        ids = ", ".join(f"'{_id(each)}'" for each in contacts)
        fields = ", ".join(f"'{name}'" for name in self._found.opt_out_fields)
        found = self._rows(
            f"SELECT {of}, NewValue, CreatedDate FROM {history}"  # noqa: S608 - checked above
            f" WHERE {of} IN ({ids}) AND Field IN ({fields}) ORDER BY CreatedDate DESC"
        )
        times: dict[str, dt.datetime] = {}
        for row in found:
            if row.get("NewValue") is True:
                times.setdefault(text(row, of), _moment(text(row, "CreatedDate")))
        return times

    def _rows(self, question: str) -> list[Row]:
        """The first 2000 at most: of a history, the newest."""
        reply = self._gateway.ask("GET", self._query, query={"q": question})
        return json_answer.rows(json_answer.record(reply.json()).get("records"))


def connect(setup: Setup) -> SalesforceWithdrawals | None:
    """None if the settings name nothing by which people opt out."""
    return SalesforceWithdrawals(setup) if setup.settings.crm.salesforce.opt_out_fields else None


def _id(text_: str) -> str:
    """Salesforce's own id, which stands in a query."""
    if not (text_.isascii() and text_.isalnum()):
        raise TemporaryCrmError("unreadable_answer")
    return text_


def _moment(text_: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text_)
    except ValueError:
        raise TemporaryCrmError("unreadable_answer") from None
    if moment.tzinfo is None:
        raise TemporaryCrmError("unreadable_answer")
    return moment
