"""Tells the CRM anew what it holds otherwise than the store (`crm.reconciliation`)."""

import dataclasses
import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics import day_news
from core import erasure, outbox
from core.database import Database
from core.events import member_event
from core.models.campaign import Campaign
from core.models.coupon import Coupon
from core.models.member import Member
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from core.sealing import Sealer
from core.settings import Settings
from crm.comparison import ERASED, Kind
from crm.reconciliation import Mend
from portal.members import consent_news, consents, member_news
from portal.promotion.sources import SourceDesk


@dataclasses.dataclass(frozen=True, slots=True)
class StoreMender:
    database: Database
    sealer: Sealer
    settings: Settings
    forgets_unknown: bool = False
    """Whether the CRM is to forget members of whom nothing here tells. Of a store that was
    restored from a backup that is everybody who enrolled since, so a person has to say so."""

    def mend(self, kind: Kind, key: str, theirs: str | None, now: dt.datetime) -> Mend:
        with self.database.writing() as session:
            if _is_under_way(session, key):
                return Mend.UNDER_WAY
            if kind is Kind.DAYS:
                return self._tell_day(session, dt.date.fromisoformat(key), now)
            wanted = sa.select(Member).where(Member.public_id == key).with_for_update()
            member = session.scalar(wanted)
            if member is None:
                return self._forget(session, key, theirs, now)
            if theirs == str(member.version):
                # Told meanwhile.
                return Mend.NONE
            if theirs == ERASED:
                erasure.erase(session, self.sealer, key, store_id=self._store_id, now=now)
                return Mend.ERASED_HERE
            self._tell_member(session, member, theirs, now)
            return Mend.TOLD

    @property
    def _store_id(self) -> str:
        return self.settings.store.id

    def _tell_day(self, session: Session, day: dt.date, now: dt.datetime) -> Mend:
        if not day_news.again(session, self.sealer, self.settings, day, now=now):
            return Mend.UNKNOWN
        return Mend.TOLD

    def _forget(self, session: Session, key: str, theirs: str | None, now: dt.datetime) -> Mend:
        if theirs is None:
            # Erased since the comparison; the tombstone has been there, too.
            return Mend.NONE
        if not (self.forgets_unknown or _was_erased(session, key)):
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

    def _tell_member(
        self, session: Session, member: Member, theirs: str | None, now: dt.datetime
    ) -> None:
        if theirs is not None:
            # A store that was restored from a backup must not be taken for late news.
            member.version = max(member.version, int(theirs))
        sealer, store_id = self.sealer, self._store_id
        member_news.changed(
            session,
            sealer,
            member,
            is_new=theirs is None,
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


def _was_erased(session: Session, member: str) -> bool:
    """Whether their tombstone was sent: that is remembered for as long as the row is kept."""
    is_tombstone = OutboxEvent.type == EventType.MEMBER_ERASED
    found = sa.select(OutboxEvent.id).where(OutboxEvent.subject == member, is_tombstone)
    return session.scalar(found.limit(1)) is not None
