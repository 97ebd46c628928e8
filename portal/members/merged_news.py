"""Tells the CRM of a merger, and sees to what waits to be told of members who are gone by it.

Who they were, what they agreed to and who brought them is forgotten: all that is told anew of
who stays. What they did is told of who stays, if it is still so.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import gone_members
from core.events import member_event, unsent
from core.models.coupon import Coupon
from core.models.member import Member
from core.outbox import EventType
from core.sealing import Sealer

_DID = frozenset(
    {
        EventType.COUPON_ISSUED,
        EventType.COUPON_USED,
        EventType.CAMPAIGN_CLICK,
        EventType.VISIT_CLOSED,
    }
)


def tell(
    session: Session,
    sealer: Sealer,
    member: Member,
    absorbed: Sequence[str],
    *,
    store_id: str,
    now: dt.datetime,
) -> None:
    """Queue that members turned out to be one person; who that is, has to follow."""
    readable = [
        (row, data)
        for row in unsent.about(session, absorbed)
        if (data := unsent.opened(sealer, row)) is not None
    ]
    unsent.forget(session, [row for row, _ in readable])
    # Whom they had absorbed themselves, and the CRM does not know yet.
    earlier = [each for _, data in readable for each in data.get("absorbed", ())]
    gone_members.remember(session, absorbed, now, into=member.public_id)
    kind, gone = EventType.MEMBER_MERGED, {"absorbed": [*absorbed, *earlier]}
    member_event.add(session, sealer, kind, member, gone, store_id=store_id, now=now)
    for row, data in readable:
        if row.type in _DID and _is_still_so(session, member, data):
            member_event.readdress(session, sealer, row, data, member)


def _is_still_so(session: Session, member: Member, data: dict[str, Any]) -> bool:
    """Of two coupons of one campaign, one was given up (`merging`)."""
    if "code" not in data:
        return True
    theirs = sa.select(Coupon.id).where(Coupon.code == data["code"], Coupon.member_id == member.id)
    return session.scalar(theirs) is not None
