"""Tells the CRM that a member followed a campaign's link."""

import datetime as dt

from sqlalchemy.orm import Session

from core.events import member_event
from core.models.campaign import Campaign
from core.models.consent import Purpose
from core.models.member import Member
from core.outbox import EventType
from core.sealing import Sealer
from portal.promotion import campaigns


def tell(
    session: Session,
    sealer: Sealer,
    campaign: Campaign,
    member_id: int | None,
    *,
    store_id: str,
    now: dt.datetime,
) -> None:
    """Only of members who wish to hear of offers."""
    # Held, so that they cannot withdraw that meanwhile.
    member = session.get(Member, member_id, with_for_update=True) if member_id else None
    if member is None or not campaigns.agrees_to(session, member.id, Purpose.MARKETING):
        return
    data = {
        "campaign": {"id": campaign.id, "name": campaign.name},
        "clicked_at": now.isoformat(),
    }
    kind = EventType.CAMPAIGN_CLICK
    member_event.add(session, sealer, kind, member, data, store_id=store_id, now=now)
