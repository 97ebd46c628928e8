"""Guests who ask the staff to let them in. Who decides is in the dashboard."""

import dataclasses
import datetime as dt
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models import sponsor_request as requests
from core.models.device import Device
from core.models.login import Login, LoginState, LoginWay
from core.models.sponsor_request import Decision, SponsorRequest
from core.sealing import Sealer
from core.setting_groups.plans import PlansSettings
from portal import mutex
from portal.access.plan import Plan
from portal.ways import limits, standing
from portal.ways.limits import Refusal

REQUESTS_PER_HOUR = 5
_HOUR = dt.timedelta(hours=1)


@dataclasses.dataclass(frozen=True, slots=True)
class SponsorDesk:
    sealer: Sealer

    def ask(
        self, session: Session, device: Device, name: str, language: str, now: dt.datetime
    ) -> SponsorRequest | Refusal:
        """Put a guest among those who wait; once, however often the form is sent."""
        mutex.hold(session, device.lookup)
        login = standing.newest_login(session, device)
        if login is not None and standing.is_waiting(login, now):
            return request_of(session, login)
        asked = (
            sa.select(sa.func.count())
            .select_from(SponsorRequest)
            .join(Login, Login.id == SponsorRequest.login_id)
            .where(Login.device_id == device.id, SponsorRequest.asked_at > now - _HOUR)
        )
        if (session.scalar(asked) or 0) >= REQUESTS_PER_HOUR:
            return Refusal(limits.Reason.ASKED_TOO_OFTEN)
        login = Login(
            device_id=device.id,
            state=LoginState.BEGUN,
            language=language,
            way=LoginWay.SPONSOR,
            failures=0,
            started_at=now,
            terms_accepted_at=now,
        )
        session.add(login)
        session.flush()
        request = SponsorRequest(
            login_id=login.id,
            sealed_name=self.sealer.seal(requests.NAME, name.encode()),
            match_number=_unused_number(session, now),
            asked_at=now,
        )
        session.add(request)
        session.flush()
        return request


def request_of(session: Session, login: Login) -> SponsorRequest:
    """What a login by sponsor waits for, or waited for."""
    return session.scalars(
        sa.select(SponsorRequest).where(SponsorRequest.login_id == login.id)
    ).one()


def plan_of(session: Session, plans: PlansSettings, login: Login) -> Plan | None:
    """What the staff gave a guest; None if this login is not by them."""
    if login.way is not LoginWay.SPONSOR:
        return None
    request = request_of(session, login)
    if request.decision is not Decision.LET_IN or request.minutes is None:
        raise ValueError("nobody has let this guest in")
    lasts = dt.timedelta(minutes=request.minutes)
    return dataclasses.replace(Plan.of(plans.guest), lasts=lasts, extensions=0)


def _unused_number(session: Session, now: dt.datetime) -> str:
    """Four digits that no other guest who may still be waiting was given."""
    taken = set(
        session.scalars(
            sa.select(SponsorRequest.match_number).where(
                SponsorRequest.asked_at > now - requests.LASTS
            )
        )
    )
    free = [number for number in map("{:04d}".format, range(10_000)) if number not in taken]
    return secrets.choice(free)
