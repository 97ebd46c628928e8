"""How far phones come at the portal on a store-local day, each counted once.

The portal notes who saw its first page and who followed a campaign. What lies between is read
from logins and grants, by the day of each, and added to the same rows: a step that was read
once stays, also when the login that told of it has been forgotten since.
"""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock, day_mark
from core.models.consent import Consent, Purpose
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login, Serves
from core.models.portal_day import PortalPhone
from core.sealing import Sealer


@dataclasses.dataclass(frozen=True, slots=True)
class Funnel:
    """Phones, each figure a part of the one before."""

    saw: int
    asked: int
    online: int
    member: int
    marketing: int
    clicked: int


def bring_up_to_date(
    session: Session, sealer: Sealer, day: dt.date, zone: zoneinfo.ZoneInfo
) -> Funnel:
    """Add to the rows of `day` what logins tell by now, and count them."""
    phones = {
        phone.mark: phone
        for phone in session.scalars(sa.select(PortalPhone).where(PortalPhone.day == day))
    }
    for step, lookups in _steps(session, *clock.day_bounds(day, zone)):
        for lookup in lookups:
            mark = day_mark.of(sealer, lookup, day)
            phone = phones.get(mark)
            if phone is None:
                # On its way since the day before: it has seen the page all the same.
                phone = phones[mark] = PortalPhone(day=day, mark=mark)
                session.add(phone)
            setattr(phone, step, True)
    return count(phones.values())


def count(phones: Iterable[PortalPhone]) -> Funnel:
    """Who took a step counts for it only with all steps before it."""
    left = list(phones)
    figures = [len(left)]
    for step in ("asked", "online", "member", "marketing", "clicked"):
        left = [phone for phone in left if getattr(phone, step)]
        figures.append(len(left))
    return Funnel(*figures)


def _steps(
    session: Session, start: dt.datetime, end: dt.datetime
) -> Iterable[tuple[str, Iterable[bytes]]]:
    """By the column of each step, the devices that took it between two moments."""
    came_online = (
        sa.select(Device.lookup)
        .join(Grant, Grant.device_id == Device.id)
        .where(Grant.started_at >= start, Grant.started_at < end)
    )
    agreed = sa.exists().where(
        Consent.member_id == Grant.member_id,
        Consent.purpose == Purpose.MARKETING,
        Consent.given_at < end,
        sa.or_(Consent.withdrawn_at.is_(None), Consent.withdrawn_at >= start),
    )
    asked = (
        sa.select(Device.lookup)
        .join(Login, Login.device_id == Device.id)
        .where(Login.serves == Serves.INTERNET, Login.started_at >= start, Login.started_at < end)
    )
    online = session.scalars(came_online).all()
    yield "asked", [*session.scalars(asked), *online]
    yield "online", online
    yield "member", session.scalars(came_online.where(Grant.member_id.is_not(None)))
    yield "marketing", session.scalars(came_online.where(agreed))
