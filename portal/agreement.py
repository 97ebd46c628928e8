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
from core.setting_groups.plans import PlansSettings
from core.setting_groups.store import StoreSettings
from core.texts import Texts
from portal import consents, day_data, grants, limits, membership, mutex, plan, standing
from portal.limits import Refusal
from portal.plan import Plan


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """What a shopper ticked, and in which language it stood there."""

    ticked: frozenset[Purpose]
    language: str


@dataclasses.dataclass(frozen=True, slots=True)
class Agreement:
    sealer: Sealer
    texts: Texts
    store: StoreSettings
    plans: PlansSettings

    def settle(
        self, session: Session, device: Device, choice: Choice, now: dt.datetime
    ) -> Grant | Refusal | None:
        """Write down all that has to be on disk before `device` may go online.

        Returns:
            The grant; None if this phone has no proven number; a refusal if today's data
            are used up. What was agreed to is written down then as well.
        """
        mutex.hold(session, device.lookup)
        login = standing.newest_login(session, device)
        if login is None or not standing.is_verified(login, now):
            return None
        mutex.hold(session, login.phone_lookup)
        self._record_terms(session, login)
        member = self._update_membership(session, login, choice, now)
        measure = self._measure(session, device, login, member, now)
        if measure is None:
            return Refusal(limits.Reason.DATA_DAY)
        return grants.give(session, device, login, member, plan=measure, now=now)

    def _measure(
        self,
        session: Session,
        device: Device,
        login: Login,
        member: Member | None,
        now: dt.datetime,
    ) -> Plan | None:
        """The plan, with what is left of its data today; None if nothing is."""
        chosen = plan.choose(self.plans, member)
        if not chosen.quota_bytes:
            return chosen
        used = day_data.used(
            session, self.store, now, device_id=device.id, phone_lookup=login.phone_lookup
        )
        left = chosen.quota_bytes - used
        return dataclasses.replace(chosen, quota_bytes=left) if left > 0 else None

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
            "store": self.store.id,
            "version": member.version,
        }
        outbox.add(session, self.sealer, kind, subject=member.public_id, data=data, now=now)
