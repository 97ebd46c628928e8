"""Folds a store's events about its members: first what says who and how they are, then the rest.

So a coupon never comes to the CRM before the member who got it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.outbox import EventType
from core.sealing import Sealer
from hq.intake import parking
from hq.intake.chain_news import News
from hq.intake.links import Links
from hq.intake.membership import Settling
from hq.models.chain import ChainLink
from hq.models.inbox import InboxEvent

Told = tuple[InboxEvent, Mapping[str, Any]]

_STATES = {
    EventType.MEMBER_ENROLLED,
    EventType.MEMBER_UPDATED,
    EventType.MEMBER_MERGED,
    EventType.MEMBER_ERASED,
    EventType.CONSENT_GIVEN,
    EventType.CONSENT_WITHDRAWN,
    EventType.ATTRIBUTION_CHANGED,
}
_PASSED_ON = {
    EventType.CONSENT_GIVEN,
    EventType.CONSENT_WITHDRAWN,
    EventType.COUPON_ISSUED,
    EventType.COUPON_USED,
    EventType.CAMPAIGN_CLICK,
    EventType.VISIT_CLOSED,
}
# Any number that nothing else in the database takes a lock by.
_LOCK = 0x646F_6F72_6871_6D


class MemberEvents:
    def __init__(self, session: Session, sealer: Sealer, store_id: str, now: dt.datetime) -> None:
        self._session, self._sealer = session, sealer
        self._store_id, self._now = store_id, now

    @staticmethod
    def has(kind: str) -> bool:
        """Whether events of a type are about members."""
        return kind in _STATES | _PASSED_ON

    def fold(self, told: Sequence[Told]) -> None:
        if not told:
            return
        self._take_turn()
        names = {
            name
            for row, event in told
            for name in (row.subject, *event["data"].get("absorbed", ()))
        }
        links = Links(self._session, self._sealer, self._store_id, names)
        changed: dict[str, ChainLink] = {}
        for row, event in told:
            if row.type in _STATES:
                for link in self._states(links, row, event):
                    changed[link.store_member] = link
        Settling(self._session, self._sealer, self._store_id, self._now).settle(changed.values())
        for row, event in told:
            if row.type in _PASSED_ON:
                self._pass_on(links, row, event)
        if links.met:
            parking.put_back(
                self._session, self._sealer, self._now, store_id=self._store_id, members=links.met
            )

    def _take_turn(self) -> None:
        """One process at a time: two stores may be telling of the same person."""
        if self._session.get_bind().dialect.name != "sqlite":
            self._session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))

    def _states(self, links: Links, row: InboxEvent, event: Mapping[str, Any]) -> list[ChainLink]:
        """Write down what an event says of how somebody is; about whom."""
        data, at = event["data"], min(row.occurred_at, row.received_at)
        match row.type:
            case EventType.MEMBER_ENROLLED | EventType.MEMBER_UPDATED:
                found = [links.take_member(data, at)]
            case EventType.MEMBER_ERASED:
                found = links.take_tombstone(data, at)
            case _:
                link = links.find(row.subject)
                if link is None:
                    if row.type not in _PASSED_ON:
                        self._park(row, event)
                    return []
                links.take_more(link, row.type, data, at)
                found = [link]
        found[0].version = max(found[0].version, data["version"])
        return found

    def _pass_on(self, links: Links, row: InboxEvent, event: Mapping[str, Any]) -> None:
        link, data = links.find(row.subject), event["data"]
        if link is None:
            self._park(row, event)
            return
        link.version = max(link.version, data["version"])
        if link.is_erased or link.member is None:
            return
        if "purpose" in data and not self._stands(link, row, data):
            return
        said = {name: value for name, value in data.items() if name not in _OURS}
        news = News(self._session, self._sealer, self._store_id, self._now)
        if row.type == EventType.CONSENT_WITHDRAWN:
            news.withdrawn(link.member, data["purpose"])
        news.about(link.member, row.type, said, row.occurred_at)

    def _stands(self, link: ChainLink, row: InboxEvent, data: Mapping[str, Any]) -> bool:
        """Whether no store was told something newer by the same person about the same purpose."""
        is_given = row.type == EventType.CONSENT_GIVEN
        since = data["given_at" if is_given else "withdrawn_at"]
        at = dt.datetime.fromisoformat(since)
        others = sa.select(ChainLink.consents).where(
            ChainLink.member_id == link.member_id, ChainLink.into_id.is_(None)
        )
        said = [
            each[data["purpose"]]
            for each in self._session.scalars(others)
            if data["purpose"] in each
        ]
        return all(
            (dt.datetime.fromisoformat(str(other)), not given) <= (at, not is_given)
            for given, other in said
        )

    def _park(self, row: InboxEvent, event: Mapping[str, Any]) -> None:
        parking.park(
            self._session,
            self._sealer,
            row,
            event,
            reason=parking.UNKNOWN_MEMBER,
            now=self._now,
        )


# The store's own: the CRM is told the chain's.
_OURS = {"member", "store", "version"}
