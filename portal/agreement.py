"""The last step on paper: consents, membership, news for the CRM and the grant, all or none."""

import dataclasses
import datetime as dt

from sqlalchemy.orm import Session

from core import outbox
from core.models import login as logins
from core.models.consent import Purpose
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login
from core.models.member import Member
from core.outbox import EventType
from core.phone_number import PhoneNumber
from core.sealing import Sealer
from core.texts import Texts
from portal import consents, grants, membership, mutex, standing


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """What a shopper ticked, and in which language it stood there."""

    ticked: frozenset[Purpose]
    language: str


@dataclasses.dataclass(frozen=True, slots=True)
class Agreement:
    sealer: Sealer
    texts: Texts
    store_id: str
    session_lasts: dt.timedelta

    def settle(
        self, session: Session, device: Device, choice: Choice, now: dt.datetime
    ) -> Grant | None:
        """Write down all that has to be on disk before `device` may go online.

        Returns:
            The grant, or None if this phone has no proven number.
        """
        mutex.hold(session, device.lookup)
        login = standing.newest_login(session, device)
        if login is None or not standing.is_verified(login, now):
            return None
        mutex.hold(session, login.phone_lookup)
        self._record_terms(session, login)
        member = self._update_membership(session, login, choice, now)
        return grants.give(session, device, login, member, lasts=self.session_lasts, now=now)

    def _record_terms(self, session: Session, login: Login) -> None:
        wording = consents.version(self.texts, login.language, Purpose.TERMS)
        known = {
            consent.wording_version
            for consent in consents.live(session, login.phone_lookup)
            if consent.purpose is Purpose.TERMS
        }
        if wording not in known:
            consents.record(
                session,
                login.phone_lookup,
                Purpose.TERMS,
                member=membership.find(session, login.phone_lookup),
                wording=wording,
                language=login.language,
                given_at=login.terms_accepted_at,
            )

    def _update_membership(
        self, session: Session, login: Login, choice: Choice, now: dt.datetime
    ) -> Member | None:
        """The member, if this person is or becomes one. The other boxes mean nothing alone."""
        given = consents.purposes(consents.live(session, login.phone_lookup))
        if Purpose.MEMBERSHIP not in given | choice.ticked:
            return None
        phone = PhoneNumber.from_e164(self.sealer.open(logins.PHONE, login.sealed_phone).decode())
        new = choice.ticked - given
        member = membership.find(session, login.phone_lookup)
        known = member is not None
        if member is None:
            member = membership.enrol(
                session,
                self.sealer,
                phone,
                login.phone_lookup,
                language=choice.language,
                verified_at=login.verified_at or now,
                now=now,
            )
        elif new:
            member.version += 1
        for purpose in sorted(new):
            consents.record(
                session,
                login.phone_lookup,
                purpose,
                member=member,
                wording=consents.version(self.texts, choice.language, purpose),
                language=choice.language,
                given_at=now,
            )
        if new:
            kind = EventType.MEMBER_UPDATED if known else EventType.MEMBER_ENROLLED
            self._tell_crm(session, kind, member, phone=phone, given=given | new, now=now)
        return member

    def _tell_crm(
        self,
        session: Session,
        kind: EventType,
        member: Member,
        *,
        phone: PhoneNumber,
        given: set[Purpose],
        now: dt.datetime,
    ) -> None:
        data = {
            "member": member.public_id,
            "phone": phone.e164(),
            "language": member.language,
            "enrolled_at": member.enrolled_at.isoformat(),
            "consents": sorted(given - {Purpose.TERMS}),
            "store": self.store_id,
            "version": member.version,
        }
        outbox.add(session, self.sealer, kind, subject=member.public_id, data=data, now=now)
