"""Coupons: one a member and campaign, with a code that was given to us or is made here."""

import dataclasses
import datetime as dt
import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.events import member_event
from core.log import Log
from core.models.campaign import Campaign, CouponKind
from core.models.coupon import Coupon
from core.models.member import Member
from core.outbox import EventType
from core.sealing import Sealer

# Without what is mistaken for something else when it is read out.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
# A pattern has six places at least: a thousand million codes.
_TRIES = 5

_log = Log("portal")


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """What a page shows of a coupon."""

    code: str
    text: str
    expires_at: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class CouponDesk:
    sealer: Sealer
    store_id: str

    def issue(
        self, session: Session, campaign: Campaign, member: Member, now: dt.datetime
    ) -> Coupon | None:
        """The member's coupon of a campaign, unless they have had one or none is left.

        The caller has locked the member, so that two logins at once get one.
        """
        if campaign.coupon is CouponKind.NONE or _has_had(session, campaign, member):
            return None
        given = campaign.coupon is CouponKind.GIVEN
        coupon = _next_given(session, campaign) if given else _make(session, campaign)
        if coupon is None:
            _log.warning("a campaign has no coupon left", campaign=campaign.id)
            return None
        coupon.member_id = member.id
        coupon.issued_at = now
        coupon.expires_at = now + dt.timedelta(days=campaign.coupon_days)
        session.add(coupon)
        session.flush()
        data = {
            "campaign": {"id": campaign.id, "name": campaign.name},
            "code": coupon.code,
            "issued_at": now.isoformat(),
            "expires_at": coupon.expires_at.isoformat(),
        }
        kind, store_id = EventType.COUPON_ISSUED, self.store_id
        member_event.add(session, self.sealer, kind, member, data, store_id=store_id, now=now)
        return coupon


def held(session: Session, member_id: int, now: dt.datetime) -> Sequence[Held]:
    """What a member may still use, the newest first."""
    found = session.execute(
        sa.select(Coupon.code, Campaign.coupon_text, Coupon.expires_at)
        .join(Campaign, Campaign.id == Coupon.campaign_id)
        .where(Coupon.member_id == member_id, Coupon.used_at.is_(None), Coupon.expires_at > now)
        .order_by(Coupon.issued_at.desc(), Coupon.id.desc())
        .limit(3)
    )
    return [Held(code, text, expires_at) for code, text, expires_at in found if expires_at]


def _has_had(session: Session, campaign: Campaign, member: Member) -> bool:
    found = sa.select(Coupon.id).where(
        Coupon.campaign_id == campaign.id, Coupon.member_id == member.id
    )
    return session.scalar(found) is not None


def _next_given(session: Session, campaign: Campaign) -> Coupon | None:
    return session.scalar(
        sa.select(Coupon)
        .where(Coupon.campaign_id == campaign.id, Coupon.member_id.is_(None))
        .where(Coupon.issued_at.is_(None))
        .order_by(Coupon.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _make(session: Session, campaign: Campaign) -> Coupon | None:
    for _ in range(_TRIES):
        code = "".join(
            secrets.choice(ALPHABET) if each == "#" else each for each in campaign.coupon_pattern
        )
        if session.scalar(sa.select(Coupon.id).where(Coupon.code == code)) is None:
            return Coupon(campaign_id=campaign.id, code=code)
    return None
