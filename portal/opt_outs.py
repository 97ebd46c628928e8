"""Leaves phones out of the count whose owners ask for that on the guest Wi-Fi.

What a phone is known by is the address it has on this network. When it looks for networks
without being on ours, most phones use addresses made up for the moment, which nobody can
tell to be theirs; the page says so (docs/privacy.md).
"""

import dataclasses
import datetime as dt
import zoneinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock
from core.do_not_count import DoNotCountKey, DoNotCountList
from core.mac import Mac
from core.models.opt_out import OptOut


@dataclasses.dataclass(frozen=True, slots=True)
class OptOutDesk:
    key: DoNotCountKey
    days: int
    """How long an entry is good."""
    zone: zoneinfo.ZoneInfo

    def until(self, session: Session, mac: Mac, now: dt.datetime) -> dt.datetime | None:
        """When the phone is counted again; None if it is counted now."""
        found = session.get(OptOut, self.key.entry(mac.octets))
        return found.until if found is not None and found.until > now else None

    def leave_out(self, session: Session, mac: Mac, now: dt.datetime) -> None:
        """From now on; who asks again has the whole time again."""
        last_day = clock.store_day(now, self.zone) + dt.timedelta(days=self.days)
        _, until = clock.day_bounds(last_day, self.zone)
        session.merge(OptOut(entry=self.key.entry(mac.octets), until=until))

    def count_again(self, session: Session, mac: Mac) -> None:
        session.execute(sa.delete(OptOut).where(OptOut.entry == self.key.entry(mac.octets)))

    def listed(self, session: Session, now: dt.datetime) -> DoNotCountList:
        """What the sensor needs to know."""
        return DoNotCountList(
            self.key, session.scalars(sa.select(OptOut.entry).where(OptOut.until > now))
        )
