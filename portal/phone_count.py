"""Counts each phone once a day on its way through the portal, by marks that last for the day.

What it comes to, and which further steps are read from logins: `analytics.logins.funnel`.
"""

import dataclasses
import datetime as dt
import zoneinfo

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import clock, day_mark
from core.mac import Mac
from core.models.portal_day import PortalPhone
from core.sealing import Sealer
from portal import devices


@dataclasses.dataclass(frozen=True, slots=True)
class PhoneCount:
    sealer: Sealer
    zone: zoneinfo.ZoneInfo

    def has_seen(self, session: Session, mac: Mac, now: dt.datetime) -> bool:
        """Whether today's first page is counted for this phone already."""
        return session.get(PortalPhone, self._key(mac, now)) is not None

    def saw(self, session: Session, mac: Mac, now: dt.datetime) -> None:
        """Whoever counts it at the same time, it is counted once."""
        insert = postgresql.insert if session.get_bind().dialect.name != "sqlite" else sqlite.insert
        day, mark = self._key(mac, now)
        session.execute(insert(PortalPhone).values(day=day, mark=mark).on_conflict_do_nothing())

    def clicked(self, session: Session, mac: Mac, now: dt.datetime) -> None:
        """Of a phone that has not come through the portal today, nothing is noted."""
        day, mark = self._key(mac, now)
        session.execute(
            sa.update(PortalPhone)
            .where(PortalPhone.day == day, PortalPhone.mark == mark)
            .values(clicked=True)
        )

    def _key(self, mac: Mac, now: dt.datetime) -> tuple[dt.date, bytes]:
        day = clock.store_day(now, self.zone)
        return day, day_mark.of(self.sealer, devices.lookup(self.sealer, mac), day)
