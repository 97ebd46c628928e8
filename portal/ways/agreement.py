"""The last step on paper: consents, membership, news for the CRM and the grant, all or none."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from core.members import consent_news, consents, member_news
from core.models.consent import Consent, Purpose
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login
from core.models.member import Member
from core.sealing import Sealer
from core.setting_groups.plans import PlansSettings
from core.setting_groups.store import StoreSettings
from portal import mutex
from portal.access import day_data, grants, plan
from portal.access.plan import Plan
from portal.members import membership, merged_news
from portal.members.consent_wording import Wordings
from portal.members.membership import Claim, Proof
from portal.promotion.arrival import Arrival
from portal.ways import limits, sponsoring, standing
from portal.ways.limits import Refusal
from portal.ways.login import whose


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """What a shopper ticked, and in which language it stood there."""

    ticked: frozenset[Purpose]
    language: str


@dataclasses.dataclass(frozen=True, slots=True)
class Agreement:
    sealer: Sealer
    wordings: Wordings
    store: StoreSettings
    plans: PlansSettings
    arrival: Arrival

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
        own = sponsoring.plan_of(session, self.plans, login)
        return self.conclude(session, device, login, choice, own=own, now=now)

    def conclude(
        self,
        session: Session,
        device: Device,
        login: Login,
        choice: Choice,
        *,
        own: Plan | None = None,
        now: dt.datetime,
    ) -> Grant | Refusal:
        """As `settle`, for a login whose account is known; the caller holds the device's mutex.

        `own`: a plan that came with the login, in place of a guest's or member's.
        """
        mutex.hold(session, whose(login))
        proof = membership.proof_of(self.sealer, login, now)
        known = membership.find(session, self.sealer, proof)
        agreed = consents.live(session, whose(login), known)
        self._record_terms(session, login, proof, known, agreed=agreed, now=now)
        given = consents.purposes(agreed)
        member = self._update_membership(session, login, proof, given, choice=choice, now=now)
        chosen = own or plan.choose(self.plans, member)
        account = whose(login) if proof.keys else None
        measure = self._measure(session, device, account, chosen, now)
        if measure is None:
            return Refusal(limits.Reason.DATA_DAY)
        grant = grants.give(session, self.sealer, device, login, member, plan=measure, now=now)
        if member is not None:
            self.arrival.settle(session, device.id, member.id, choice.language, now)
        return grant

    def _measure(
        self,
        session: Session,
        device: Device,
        account: bytes | None,
        chosen: Plan,
        now: dt.datetime,
    ) -> Plan | None:
        """The plan, with what is left of its data today; None if nothing is.

        `account`: None if others share it, as with a voucher.
        """
        if not chosen.quota_bytes:
            return chosen
        used = day_data.used(session, self.store, now, device_id=device.id, account_lookup=account)
        left = chosen.quota_bytes - used
        return dataclasses.replace(chosen, quota_bytes=left) if left > 0 else None

    def _record_terms(
        self,
        session: Session,
        login: Login,
        proof: Proof,
        known: Member | None,
        *,
        agreed: Sequence[Consent],
        now: dt.datetime,
    ) -> None:
        read_at = login.terms_accepted_at
        wording = self.wordings.keep(session, login.language, Purpose.TERMS, now, read_at=read_at)
        read = {
            consent.wording_version
            for consent in agreed
            if consent.purpose is Purpose.TERMS and consent.account_lookup == whose(login)
        }
        # Others log in by the same voucher or sponsor: what they agreed to is not this one's.
        if not proof.keys or wording not in read:
            consents.record(
                session,
                whose(login),
                Purpose.TERMS,
                member=known,
                wording=wording,
                language=login.language,
                given_at=login.terms_accepted_at,
            )

    def _update_membership(
        self,
        session: Session,
        login: Login,
        proof: Proof,
        given: set[Purpose],
        *,
        choice: Choice,
        now: dt.datetime,
    ) -> Member | None:
        """The member, if this person is or becomes one. The other boxes mean nothing alone."""
        if not proof.keys or Purpose.MEMBERSHIP not in given | choice.ticked:
            return None
        claim = membership.claim(
            session, self.sealer, proof, language=choice.language, enrols=True, now=now
        )
        new = [
            consents.record(
                session,
                whose(login),
                purpose,
                member=claim.member,
                wording=self.wordings.keep(session, choice.language, purpose, now),
                language=choice.language,
                given_at=now,
            )
            for purpose in sorted(choice.ticked - given)
        ]
        session.flush()
        self._tell_crm(session, claim, new, now)
        return claim.member

    def _tell_crm(
        self, session: Session, claim: Claim, new: Sequence[Consent], now: dt.datetime
    ) -> None:
        member, store_id = claim.member, self.store.id
        for loser in claim.losers:
            self._tell_whole(session, loser, now)
        if claim.absorbed:
            merged_news.tell(
                session, self.sealer, member, claim.absorbed, store_id=store_id, now=now
            )
        if new or claim.absorbed or claim.has_new_key:
            self._tell_whole(session, member, now, is_new=claim.is_new)
        if claim.absorbed:
            consent_news.anew(session, self.sealer, member, store_id=store_id, now=now)
            self.arrival.tell_again(session, member, now)
        else:
            consent_news.given(session, self.sealer, member, new, store_id=store_id, now=now)

    def _tell_whole(
        self, session: Session, member: Member, now: dt.datetime, *, is_new: bool = False
    ) -> None:
        member_news.changed(
            session,
            self.sealer,
            member,
            is_new=is_new,
            purposes=consents.purposes(consents.of_member(session, member)),
            store_id=self.store.id,
            now=now,
        )
