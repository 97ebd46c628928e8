"""What headquarters holds of one store, to be compared with what the store holds (docs/sync.md)."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm import comparison
from crm.comparison import ERASED, Held, Kind
from hq.models.chain import ChainLink
from hq.models.inbox import InboxEvent, InboxState
from hq.models.traffic import StoreDay


def is_behind(session: Session, store_id: str) -> bool:
    """Whether news of the store waits to be folded: until then nothing can be compared."""
    waits = InboxEvent.state == InboxState.WAITING
    found = sa.select(InboxEvent.event_id).where(InboxEvent.store_id == store_id, waits)
    return session.scalar(found.limit(1)) is not None


def held(session: Session, store_id: str, kind: Kind, since: str, until: str) -> list[Held]:
    """In order of the keys, from `since` up to but not `until`; who is gone is not there."""
    return [
        each
        for each in listed(session, store_id, kind, since, until)
        if not comparison.is_gone(each.value)
    ]


def listed(session: Session, store_id: str, kind: Kind, since: str, until: str) -> list[Held]:
    """As `held`, and with who was erased or absorbed."""
    found = _members(session, store_id) if kind is Kind.MEMBERS else _days(session, store_id)
    # A server may order text by other rules than these.
    return sorted((each for each in found if since <= each.key < until), key=lambda each: each.key)


def _members(session: Session, store_id: str) -> Sequence[Held]:
    wanted = sa.select(
        ChainLink.id,
        ChainLink.store_member,
        ChainLink.version,
        ChainLink.is_erased,
        ChainLink.into_id,
    ).where(ChainLink.store_id == store_id)
    links = {link.id: link for link in session.execute(wanted)}
    found = []
    for link in links.values():
        root = link
        while root.into_id is not None:
            root = links[root.into_id]
        value = str(link.version) if root is link else comparison.merged(root.store_member)
        found.append(Held(link.store_member, ERASED if link.is_erased else value))
    return found


def _days(session: Session, store_id: str) -> Sequence[Held]:
    days = sa.select(StoreDay.day, StoreDay.closed_at).where(StoreDay.store_id == store_id)
    return [
        Held(day.isoformat(), comparison.moment(closed_at))
        for day, closed_at in session.execute(days)
        if closed_at
    ]
