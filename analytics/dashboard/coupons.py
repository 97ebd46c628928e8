"""Takes coupons at the till: each once. No Flask."""

import datetime as dt
import enum

import sqlalchemy as sa

from core.database import Database
from core.events import member_event
from core.models.campaign import Campaign
from core.models.coupon import Coupon
from core.models.member import Member
from core.outbox import EventType
from core.sealing import Sealer

LONGEST = 32


class Outcome(enum.StrEnum):
    USED = "used"
    """Now, for the first time: give what it is good for."""
    USED_BEFORE = "used_before"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


def redeem(
    database: Database, sealer: Sealer, store_id: str, typed: str, now: dt.datetime
) -> tuple[Outcome, str]:
    """Use up a coupon; what became of it, and what it is good for."""
    with database.writing() as session:
        found = session.execute(_typed(typed).with_for_update(of=Coupon)).all()
        if not found:
            return Outcome.UNKNOWN, ""
        coupon, campaign, member = found[-1]
        if coupon.used_at is not None:
            return Outcome.USED_BEFORE, campaign.coupon_text
        if coupon.expires_at is None or coupon.expires_at <= now:
            return Outcome.EXPIRED, campaign.coupon_text
        coupon.used_at = now
        data = {
            "campaign": {"id": campaign.id, "name": campaign.name},
            "code": coupon.code,
            "used_at": now.isoformat(),
        }
        kind = EventType.COUPON_USED
        member_event.add(session, sealer, kind, member, data, store_id=store_id, now=now)
        return Outcome.USED, campaign.coupon_text


def member_of(database: Database, typed: str) -> str | None:
    """The public id of the member whose coupon it is."""
    with database.reading() as session:
        found = session.execute(_typed(typed)).all()
    return found[-1][2].public_id if found else None


def _typed(typed: str) -> sa.Select[Coupon, Campaign, Member]:
    """The coupon of this very code comes last."""
    code = "".join(typed.split())[: LONGEST + 1]
    return (
        sa.select(Coupon, Campaign, Member)
        .join(Campaign, Campaign.id == Coupon.campaign_id)
        .join(Member, Member.id == Coupon.member_id)
        .where(Coupon.code.in_((code, code.upper())))
        .order_by(Coupon.code == code)
    )
