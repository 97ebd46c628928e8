"""Campaigns as the portal reads and counts them."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import clock
from core.models.campaign import Campaign, CampaignDay
from core.models.consent import Consent, Purpose
from core.models.grant import Grant
from core.models.member import Member
from core.models.member_group import GroupMember
from core.setting_groups.campaigns import CampaignSettings
from core.setting_groups.store import StoreSettings
from portal.promotion import segments
from portal.promotion.campaign_choice import Viewer

_RUNNING = sa.select(Campaign).where(
    Campaign.ended_at.is_(None),
    Campaign.starts_at <= sa.bindparam("now"),
    Campaign.ends_at > sa.bindparam("now"),
)


@dataclasses.dataclass(frozen=True, slots=True)
class CampaignDesk:
    store: StoreSettings
    settings: CampaignSettings

    def running(self, session: Session, now: dt.datetime) -> Sequence[Campaign]:
        return session.scalars(_RUNNING, {"now": now}).all()

    def viewer(
        self, session: Session, member_id: int | None, language: str, now: dt.datetime
    ) -> Viewer:
        """What may be known of who looks: the visits only of members who agreed to that."""
        member = session.get(Member, member_id) if member_id is not None else None
        if member is None:
            return Viewer(self.store.id, language)
        groups = session.scalars(
            sa.select(GroupMember.group_id).where(GroupMember.member_id == member.id)
        )
        segment = None
        if agrees_to(session, member.id, Purpose.VISIT_ANALYTICS):
            today = clock.store_day(now, self.store.zone)
            days = self._days_of_visits(session, member)
            segment = segments.segment(days, today, self.settings)
        return Viewer(self.store.id, language, True, segment, frozenset(groups))

    def count(self, session: Session, campaign_id: int, column: str, now: dt.datetime) -> None:
        """One more `impressions` or `clicks` today, whoever counts at the same time."""
        insert = postgresql.insert if session.get_bind().dialect.name != "sqlite" else sqlite.insert
        first = {"impressions": 0, "clicks": 0} | {column: 1}
        day = clock.store_day(now, self.store.zone)
        session.execute(
            insert(CampaignDay)
            .values(campaign_id=campaign_id, day=day, **first)
            .on_conflict_do_update(
                index_elements=["campaign_id", "day"],
                set_={column: CampaignDay.__table__.c[column] + 1},
            )
        )

    def _days_of_visits(self, session: Session, member: Member) -> set[dt.date]:
        starts = session.scalars(sa.select(Grant.started_at).where(Grant.member_id == member.id))
        # Grants are forgotten after half a year: who enrolled has been here all the same.
        moments = [*starts, member.enrolled_at]
        return {clock.store_day(moment, self.store.zone) for moment in moments}


def agrees_to(session: Session, member_id: int, purpose: Purpose) -> bool:
    agreed = sa.select(Consent.id).where(
        Consent.member_id == member_id,
        Consent.purpose == purpose,
        Consent.withdrawn_at.is_(None),
    )
    return session.scalar(agreed.limit(1)) is not None
