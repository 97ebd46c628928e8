"""A member's phone that has logged in before: it goes on with one tap.

What knows it again is its hardware address, and an address can be copied. So the page shows
nobody's name or number, a phone that was ever challenged has to log in, and every so many
days it has to anyway.
"""

import dataclasses
import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.members import consents
from core.models.consent import Consent, Purpose
from core.models.device import Device
from core.models.grant import EndCause, Grant
from core.models.login import Login, LoginState, LoginWay
from core.sealing import Sealer
from core.setting_groups.ways import WaysSettings
from portal import mutex
from portal.members import membership
from portal.members.consent_wording import Wordings
from portal.ways.agreement import Agreement, Choice
from portal.ways.limits import Refusal
from portal.ways.login import whose

# After these, somebody has reason to see who it is.
_DOUBTFUL = {EndCause.CLONED, EndCause.REVOKED}


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What an earlier login of the phone lets it go on with."""

    login: Login
    terms: Consent
    """To the terms as they stand, in the language of the page."""


@dataclasses.dataclass(frozen=True, slots=True)
class ReturnDesk:
    ways: WaysSettings
    sealer: Sealer
    wordings: Wordings
    agreement: Agreement

    def find(
        self, session: Session, device: Device | None, language: str, now: dt.datetime
    ) -> Known | None:
        """What this phone may go on with; None if it has to log in."""
        login = self._last_login(session, device, now) if device and self.ways.device else None
        if login is None:
            return None
        proof = membership.proof_of(self.sealer, login, now)
        live = consents.live(session, whose(login), membership.find(session, self.sealer, proof))
        wording = self.wordings.version(language, Purpose.TERMS)
        accepted = (
            consent
            for consent in live
            if consent.purpose is Purpose.TERMS and consent.wording_version == wording
        )
        terms = next(accepted, None)
        is_member = Purpose.MEMBERSHIP in consents.purposes(live)
        return Known(login, terms) if terms and is_member else None

    def _last_login(self, session: Session, device: Device, now: dt.datetime) -> Login | None:
        """The login behind the newest grant, if it was a member's and nothing speaks against it."""
        newest = session.execute(
            sa.select(Grant, Login)
            .join(Login, Login.id == Grant.login_id)
            .where(Grant.device_id == device.id)
            .order_by(Grant.id.desc())
            .limit(1)
        ).one_or_none()
        if newest is None:
            return None
        grant, login = newest
        if not self._is_trusted(device, grant, login, now):
            return None
        # Somebody else may have the number by now.
        member = membership.find(session, self.sealer, membership.proof_of(self.sealer, login, now))
        return login if member is not None and member.id == grant.member_id else None

    def go_on(
        self, session: Session, device: Device, language: str, now: dt.datetime
    ) -> Grant | Refusal | None:
        """Let the phone in as the member it was; None if it has to log in."""
        mutex.hold(session, device.lookup)
        known = self.find(session, device, language, now)
        if known is None:
            return None
        earlier = known.login
        login = Login(
            device_id=device.id,
            state=LoginState.VERIFIED,
            language=language,
            way=LoginWay.DEVICE,
            account_lookup=earlier.account_lookup,
            sealed_account=earlier.sealed_account,
            sealed_keys=earlier.sealed_keys,
            failures=0,
            started_at=now,
            terms_accepted_at=known.terms.given_at,
            # A tap proves nothing: the days are counted from the last proof.
            verified_at=earlier.verified_at,
            number_proven_at=earlier.number_proven_at,
        )
        session.add(login)
        session.flush()
        choice = Choice(frozenset(), language)
        return self.agreement.conclude(session, device, login, choice, now=now)

    def forget(self, session: Session, device: Device, now: dt.datetime) -> None:
        """Let nobody go on with what this phone has done so far."""
        session.get_one(Device, device.id).forgotten_at = now

    def _is_trusted(self, device: Device, grant: Grant, login: Login, now: dt.datetime) -> bool:
        is_forgotten = device.forgotten_at is not None and login.started_at <= device.forgotten_at
        is_fresh = login.verified_at is not None and now < login.verified_at + dt.timedelta(
            days=self.ways.device_days
        )
        is_doubtful = grant.challenges > 0 or grant.end_cause in _DOUBTFUL
        return grant.member_id is not None and is_fresh and not is_forgotten and not is_doubtful
