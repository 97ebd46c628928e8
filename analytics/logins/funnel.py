"""How far phones come at the portal on a store-local day, each counted once.

The portal notes who saw its first page and who followed a campaign. What lies between is read
from logins and grants, by the day of each, and added to the same rows: a step that was read
once stays, also when the login that told of it has been forgotten since.
"""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock, day_mark, long_lists
from core.long_lists import filled
from core.models.consent import Consent, Purpose
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login, Serves
from core.models.portal_day import PortalPhone
from core.sealing import Sealer

_STEPS = ("asked", "online", "member", "marketing", "clicked")


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
    for steps, query in _took(*clock.day_bounds(day, zone)):
        with session.execute(query.execution_options(yield_per=long_lists.MOST)) as found:
            for lookups in found.scalars().partitions():
                _note(session, day, steps, {day_mark.of(sealer, each, day) for each in lookups})
    return count(session, day)


def count(session: Session, day: dt.date) -> Funnel:
    """Who took a step counts for it only with all steps before it."""
    columns = [getattr(PortalPhone, step) for step in _STEPS]
    reached = (
        sa.func.count(sa.case((sa.and_(*columns[: place + 1]), 1))).label(step)
        for place, step in enumerate(_STEPS)
    )
    query = sa.select(sa.func.count(PortalPhone.mark).label("saw"), *reached)
    return Funnel(**session.execute(query.where(PortalPhone.day == day)).mappings().one())


def _note(session: Session, day: dt.date, steps: Sequence[str], marks: set[bytes]) -> None:
    """That the phones with these marks took these steps."""
    taken = [getattr(PortalPhone, step) for step in steps]
    whose = sa.and_(PortalPhone.day == day, PortalPhone.mark.in_(filled(marks)))
    known = session.scalars(sa.select(PortalPhone.mark).where(whose))
    # On its way since the day before: it has seen the page all the same.
    new = [{"day": day, "mark": mark} for mark in marks.difference(known)]
    if new:
        session.connection().execute(sa.insert(PortalPhone), new)
    # Mostly none: a page of the database is written for each that there is.
    lack = sa.not_(sa.and_(*taken))
    session.execute(
        sa.update(PortalPhone).where(whose, lack).values(dict.fromkeys(steps, True)),
        execution_options={"synchronize_session": False},
    )


def _took(start: dt.datetime, end: dt.datetime) -> Iterable[tuple[Sequence[str], sa.Select[bytes]]]:
    """Steps, and what finds the devices that took them between two moments."""
    asked = (
        sa.select(Device.lookup)
        .join(Login, Login.device_id == Device.id)
        .where(Login.serves == Serves.INTERNET, Login.started_at >= start, Login.started_at < end)
    )
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
    yield ("asked",), asked
    yield ("asked", "online"), came_online
    yield ("member",), came_online.where(Grant.member_id.is_not(None))
    yield ("marketing",), came_online.where(agreed)
