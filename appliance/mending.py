"""Tells the CRM anew what it holds otherwise than the store (`crm.reconciliation`)."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics import day_news
from core import erasure, gone_members, outbox
from core.database import Database
from core.events import member_event
from core.members import consent_news, consents, member_news
from core.models.campaign import Campaign
from core.models.coupon import Coupon
from core.models.member import Member
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from core.sealing import Sealer
from core.settings import Settings
from crm import comparison
from crm.comparison import ERASED, Kind
from crm.reconciliation import Mend
from portal.members import membership, merged_news
from portal.promotion.sources import SourceDesk

# Over which members who go are counted.
_DAY = dt.timedelta(days=1)
# Of what may wait, the part up to which the outbox is filled by this.
_SHARE = 10


@dataclasses.dataclass(frozen=True, slots=True)
class StoreMender:
    database: Database
    sealer: Sealer
    settings: Settings
    forgets_unknown: bool = False
    """Whether the CRM is to forget members of whom nothing here tells. Of a store that was
    restored from a backup that is everybody who enrolled since, so a person has to say so."""
    believes: bool = False
    """Whether a person has said that all whom the CRM calls gone are to go here as well."""

    def mend(self, kind: Kind, key: str, theirs: str | None, now: dt.datetime) -> Mend:
        with self.database.writing() as session:
            if _is_under_way(session, key):
                return Mend.UNDER_WAY
            if kind is Kind.DAYS:
                return self._tell_day(session, dt.date.fromisoformat(key), now)
            wanted = sa.select(Member).where(Member.public_id == key).with_for_update()
            member = session.scalar(wanted)
            if member is None:
                return self._see_to_gone(session, key, theirs, now)
            return self._see_to_member(session, member, theirs, now)

    def _see_to_member(
        self, session: Session, member: Member, theirs: str | None, now: dt.datetime
    ) -> Mend:
        if theirs == str(member.version):
            # Told meanwhile.
            return Mend.NONE
        if theirs is not None and comparison.is_gone(theirs) and self._is_doubtful(session, now):
            return Mend.DOUBTED
        if theirs == ERASED:
            gone = member.public_id
            erasure.erase(session, self.sealer, gone, store_id=self._store_id, now=now)
            return Mend.ERASED_HERE
        into = comparison.merged_into(theirs)
        if into is not None:
            return self._merge(session, member, into, now)
        if self._has_enough(session):
            return Mend.LATER
        self._tell_member(session, member, int(theirs) if theirs else None, now)
        return Mend.TOLD

    def _is_doubtful(self, session: Session, now: dt.datetime) -> bool:
        """Whether so many have gone that a CRM may mean harm, or was damaged itself.

        Counted in the database, since a comparison that breaks off begins anew.
        """
        most = self.settings.crm.erasures_a_day
        return not self.believes and gone_members.count_since(session, now - _DAY) >= most

    def _merge(self, session: Session, member: Member, into: str, now: dt.datetime) -> Mend:
        """As the store has done before: nobody but the store tells a CRM of a merger."""
        wanted = sa.select(Member).where(Member.public_id == into).with_for_update()
        stays = session.scalar(wanted)
        if stays is None:
            return Mend.UNKNOWN
        self._tell_merger(session, stays, membership.absorb(session, stays, [member.id]), now)
        return Mend.MERGED_HERE

    def _see_to_gone(
        self, session: Session, key: str, theirs: str | None, now: dt.datetime
    ) -> Mend:
        if theirs is None or comparison.is_gone(theirs):
            # Since the comparison; the news of it has been there, too.
            return Mend.NONE
        stays = gone_members.survivor(session, key)
        if stays is not None:
            stays.version = max(stays.version, int(theirs))
            self._tell_merger(session, stays, [key], now)
            return Mend.MERGED_THERE
        if not (self.forgets_unknown or gone_members.is_known(session, key)):
            return Mend.UNKNOWN
        data = {
            "member": key,
            "absorbed": [],
            "erased_at": now.isoformat(),
            "store": self._store_id,
            "version": int(theirs) + 1,
        }
        kind = EventType.MEMBER_ERASED
        outbox.add(session, self.sealer, kind, subject=key, data=data, now=now)
        return Mend.ERASED_THERE

    def _tell_merger(
        self, session: Session, stays: Member, absorbed: Sequence[str], now: dt.datetime
    ) -> None:
        """With all of who stays: the versions are equal then, whatever else the CRM had not."""
        store_id = self._store_id
        merged_news.tell(session, self.sealer, stays, absorbed, store_id=store_id, now=now)
        self._tell_member(session, stays, stays.version, now)

    @property
    def _store_id(self) -> str:
        return self.settings.store.id

    def _has_enough(self, session: Session) -> bool:
        """Whether so much waits that to tell more would drive out what happens today."""
        return outbox.do_wait(session, self.settings.crm.most_waiting // _SHARE)

    def _tell_day(self, session: Session, day: dt.date, now: dt.datetime) -> Mend:
        if self._has_enough(session):
            return Mend.LATER
        if not day_news.again(session, self.sealer, self.settings, day, now=now):
            return Mend.UNKNOWN
        return Mend.TOLD

    def _tell_member(
        self, session: Session, member: Member, heard: int | None, now: dt.datetime
    ) -> None:
        """All of a member of whom the CRM has heard so much; None: nothing."""
        if heard is not None:
            # A store that was restored from a backup must not be taken for late news.
            member.version = max(member.version, heard)
        sealer, store_id = self.sealer, self._store_id
        member_news.changed(
            session,
            sealer,
            member,
            is_new=heard is None,
            purposes=consents.purposes(consents.of_member(session, member)),
            store_id=store_id,
            now=now,
        )
        consent_news.anew(session, sealer, member, store_id=store_id, now=now)
        desk = SourceDesk(sealer, store_id, self.settings.campaigns)
        desk.tell_again(session, member, now)
        self._tell_coupons(session, member, now)

    def _tell_coupons(self, session: Session, member: Member, now: dt.datetime) -> None:
        theirs = (
            sa.select(Coupon, Campaign)
            .join(Campaign, Campaign.id == Coupon.campaign_id)
            .where(Coupon.member_id == member.id, Coupon.issued_at.is_not(None))
        )
        for coupon, campaign in session.execute(theirs.order_by(Coupon.id)).all():
            if coupon.issued_at is None or coupon.expires_at is None:
                continue
            about = {"campaign": {"id": campaign.id, "name": campaign.name}, "code": coupon.code}
            issued = {
                "issued_at": coupon.issued_at.isoformat(),
                "expires_at": coupon.expires_at.isoformat(),
            }
            self._tell(session, EventType.COUPON_ISSUED, member, {**about, **issued}, now)
            if coupon.used_at is not None:
                used = {"used_at": coupon.used_at.isoformat()}
                self._tell(session, EventType.COUPON_USED, member, {**about, **used}, now)

    def _tell(
        self,
        session: Session,
        kind: EventType,
        member: Member,
        data: dict[str, object],
        now: dt.datetime,
    ) -> None:
        store_id = self._store_id
        member_event.add(session, self.sealer, kind, member, data, store_id=store_id, now=now)


def _is_under_way(session: Session, subject: str) -> bool:
    unsent = OutboxEvent.state != OutboxState.SENT
    found = sa.select(OutboxEvent.id).where(OutboxEvent.subject == subject, unsent)
    return session.scalar(found.limit(1)) is not None
