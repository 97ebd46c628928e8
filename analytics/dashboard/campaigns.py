"""The campaigns of the store, and what came of them. No Flask."""

import dataclasses
import datetime as dt
import enum
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics.dashboard.campaign_form import CampaignForm
from analytics.figures import suppression
from core.database import Database
from core.models.campaign import Audience, Campaign, CampaignDay, CouponKind, Spot
from core.models.coupon import Coupon
from core.models.member_group import MemberGroup


class Phase(enum.StrEnum):
    COMING = "coming"
    RUNNING = "running"
    OVER = "over"


@dataclasses.dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign in the list. A count that is too small to be shown is None."""

    campaign: Campaign
    phase: Phase
    impressions: int | None
    clicks: int | None
    issued: int | None
    used: int | None
    given_left: int | None
    """Codes of the chain that nobody has got yet; None if it gives none."""


def lines(database: Database, k: int, now: dt.datetime) -> list[CampaignLine]:
    """All campaigns, the last made first; counts below `k` withheld."""
    with database.reading() as session:
        found = session.scalars(sa.select(Campaign).order_by(Campaign.id.desc())).all()
        views, clicks = _totals(session)
        issued, used, left = _coupons(session)
    return [
        _line(
            each,
            (views.get(each.id, 0), clicks.get(each.id, 0)),
            (issued.get(each.id, 0), used.get(each.id, 0), left.get(each.id, 0)),
            k,
            now,
        )
        for each in found
    ]


def find(database: Database, number: int) -> Campaign | None:
    with database.reading() as session:
        return session.get(Campaign, number)


def draft(form: CampaignForm, now: dt.datetime, picture: str) -> Campaign:
    """What the form comes to, kept nowhere: for the preview, whatever is wrong with it."""
    usual = {
        "heading": form.typed.get("heading", ""),
        "spot": Spot.ONLINE,
        "audience": Audience.EVERYONE,
        "coupon": CouponKind.NONE,
    }
    return Campaign(**(usual | dict(form.values)), picture=picture, created_at=now)


def save(
    database: Database,
    number: int | None,
    form: CampaignForm,
    picture: str | None,
    now: dt.datetime,
) -> int | None:
    """Make a campaign, or change number `number`; its number, None if there is no such one.

    Args:
        database: where.
        number: which; None makes a new one.
        form: without faults.
        picture: its file name, "" for none; None leaves it as it is.
        now: the time.
    """
    with database.writing() as session:
        campaign = session.get(Campaign, number) if number else Campaign(created_at=now)
        if campaign is None:
            return None
        for name, value in form.values.items():
            setattr(campaign, name, value)
        if picture is not None:
            campaign.picture = picture
        session.add(campaign)
        session.flush()
        _add_codes(session, campaign.id, form.codes)
        return campaign.id


def end(database: Database, number: int, now: dt.datetime) -> None:
    with database.writing() as session:
        campaign = session.get(Campaign, number)
        if campaign is not None and campaign.ended_at is None:
            campaign.ended_at = now


def group_exists(database: Database, number: int) -> bool:
    with database.reading() as session:
        return session.get(MemberGroup, number) is not None


def _add_codes(session: Session, campaign_id: int, codes: Sequence[str]) -> None:
    """Those that are there already are left as they are, whoever's they are."""
    # Few enough at a time for any database's limit of parameters.
    for start in range(0, len(codes), 500):
        some = codes[start : start + 500]
        known = set(session.scalars(sa.select(Coupon.code).where(Coupon.code.in_(some))))
        session.add_all(
            Coupon(campaign_id=campaign_id, code=code) for code in some if code not in known
        )


def _totals(session: Session) -> tuple[Mapping[int, int], Mapping[int, int]]:
    rows = session.execute(
        sa.select(
            CampaignDay.campaign_id,
            sa.func.sum(CampaignDay.impressions),
            sa.func.sum(CampaignDay.clicks),
        ).group_by(CampaignDay.campaign_id)
    ).all()
    return {row[0]: int(row[1]) for row in rows}, {row[0]: int(row[2]) for row in rows}


def _coupons(session: Session) -> tuple[Mapping[int, int], Mapping[int, int], Mapping[int, int]]:
    rows = session.execute(
        sa.select(
            Coupon.campaign_id,
            sa.func.count(Coupon.issued_at),
            sa.func.count(Coupon.used_at),
            sa.func.count(Coupon.id),
        ).group_by(Coupon.campaign_id)
    ).all()
    issued = {row[0]: row[1] for row in rows}
    return issued, {row[0]: row[2] for row in rows}, {row[0]: row[3] - row[1] for row in rows}


def _line(
    campaign: Campaign,
    seen: tuple[int, int],
    coupons: tuple[int, int, int],
    k: int,
    now: dt.datetime,
) -> CampaignLine:
    issued, used, left = coupons
    # With the issued beside it, the used tell of the unused.
    used_is_shown = suppression.ratio_is_shown(used, issued - used, k)
    return CampaignLine(
        campaign,
        phase(campaign, now),
        suppression.shown(seen[0], k),
        suppression.shown(seen[1], k),
        suppression.shown(issued, k),
        used if used_is_shown else None,
        left if campaign.coupon is CouponKind.GIVEN else None,
    )


def phase(campaign: Campaign, now: dt.datetime) -> Phase:
    if campaign.ended_at is not None or campaign.ends_at <= now:
        return Phase.OVER
    return Phase.RUNNING if campaign.starts_at <= now else Phase.COMING
