"""Who has opted out at HubSpot, contact by contact, in the order of their ids, over and over.

    POST …/search       {"filterGroups": [{"filters": [{"propertyName", "operator", "value"}]}],
                        "sorts", "properties", "limit"}: any of the groups (5 at most, 18 filters);
                        {"total", "results": [{"id", "properties"}]}
    POST …/batch/read   with "propertiesWithHistory", at most 50: {"propertiesWithHistory":
                        {name: [{"value", "timestamp", "sourceType"}]}}

(developers.hubspot.com/docs/api-reference: search the CRM, contacts.) Where HubSpot is told what
members agree to, only who agrees to marketing by what we told is looked for: once a withdrawal
is told, nobody is left.
"""

import datetime as dt
from collections.abc import Sequence

from crm.connectors.hubspot import DEFAULTS
from crm.connectors.hubspot_gateway import HubspotGateway
from crm.json_answer import Row, record, rows, text
from crm.mapping import FieldMap
from crm.setup import Setup
from crm.shape import TemporaryCrmError
from crm.withdrawals import Page, Withdrawn

_MOST = 50


class HubspotWithdrawals:
    def __init__(self, setup: Setup) -> None:
        """SettingsError if a setting is wrong."""
        found = setup.settings.crm.hubspot
        self._gateway = HubspotGateway(setup)
        self._unique, self._opt_outs = found.member_property, found.opt_out_properties
        self._told = FieldMap.of("crm.hubspot.fields", DEFAULTS, found.fields).marketing

    def page(self, after: str) -> Page:
        found = rows(self._gateway.ask("/search", self._question(after or "0")).get("results"))
        contacts = [text(row, "id") for row in found]
        return Page(
            self._withdrawn(contacts) if contacts else (),
            contacts[-1] if len(contacts) == _MOST else "",
            is_last=len(contacts) < _MOST,
        )

    def close(self) -> None:
        self._gateway.close()

    def _question(self, after: str) -> dict[str, object]:
        known: list[dict[str, str]] = [
            {"propertyName": self._unique, "operator": "HAS_PROPERTY"},
            {"propertyName": "hs_object_id", "operator": "GT", "value": after},
        ]
        if self._told:
            known.append({"propertyName": self._told, "operator": "EQ", "value": "true"})
        return {
            "filterGroups": [
                {"filters": [{"propertyName": name, "operator": "EQ", "value": "true"}, *known]}
                for name in self._opt_outs
            ],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": [self._unique],
            "limit": _MOST,
        }

    def _withdrawn(self, contacts: Sequence[str]) -> list[Withdrawn]:
        question = {
            "inputs": [{"id": each} for each in contacts],
            "properties": [self._unique],
            "propertiesWithHistory": list(self._opt_outs),
        }
        answer = self._gateway.ask("/batch/read", question)
        return [
            Withdrawn(text(record(row.get("properties")), self._unique), at)
            for row in rows(answer.get("results"))
            if (at := self._opted_out_at(row)) is not None
        ]

    def _opted_out_at(self, row: Row) -> dt.datetime | None:
        """When they opted out last; None if they have not, or no longer."""
        history = record(row.get("propertiesWithHistory"))
        last = []
        for name in self._opt_outs:
            changes = rows(history.get(name, []))
            newest = max(changes, key=_moment, default=None)
            if newest is not None and newest.get("value") == "true":
                last.append(_moment(newest))
        return max(last, default=None)


def connect(setup: Setup) -> HubspotWithdrawals | None:
    """None if the settings name nothing by which people opt out."""
    return HubspotWithdrawals(setup) if setup.settings.crm.hubspot.opt_out_properties else None


def _moment(change: Row) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text(change, "timestamp"))
    except ValueError:
        raise TemporaryCrmError("unreadable_answer") from None
    if moment.tzinfo is None:
        raise TemporaryCrmError("unreadable_answer")
    return moment
