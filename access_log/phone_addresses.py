"""Writes down under which IP addresses a phone with a grant or pass is found, and where.

Where is a port or access point of the box, or an access point of another gateway.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from access_log.access_points import Point
from core import long_lists, session_records
from core.database import Database
from core.long_lists import filled
from core.mac import Mac
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login
from core.models.temporary_pass import TemporaryPass
from core.sealing import Sealer
from core.session_records import Change


class _Found(NamedTuple):
    """Where a phone is."""

    addresses: list[str]
    point: Point | None

    def is_as(self, told: "_Found | None") -> bool:
        """Whether nothing of it is news. Not to be found at any port is none."""
        if told is None or not set(self.addresses) <= set(told.addresses):
            return False
        return self.point in (None, told.point)

    def beside(self, told: "_Found | None") -> "_Found":
        if told is None:
            return self
        known = dict.fromkeys([*told.addresses, *self.addresses])
        return _Found(list(known), self.point or told.point)


class PhoneAddresses:
    """Remembers, in memory alone, what it has written of whom.

    Begun anew it says everything once more, as it does each day: so no day needs the one before.
    """

    def __init__(self) -> None:
        self._day: dt.date | None = None
        self._told: dict[str, _Found] = {}

    def turn(
        self,
        database: Database,
        sealer: Sealer,
        found: Mapping[Mac, Sequence[object]],
        today: dt.date,
        now: dt.datetime,
        *,
        points: Mapping[Mac, Point] | None = None,
    ) -> int:
        """Write what is new of `found`, addresses by phone, and `points`; of how many sessions."""
        if today != self._day:
            self._day, self._told = today, {}
        of_phone = {
            sealer.lookup("mac", mac.octets): _Found(
                sorted(map(str, addresses)), (points or {}).get(mac)
            )
            for mac, addresses in found.items()
        }
        if not of_phone:
            return 0
        with database.reading() as session:
            running = dict(_running(session, list(of_phone), now))
        self._told = {key: told for key, told in self._told.items() if key in running}
        new = {
            session_id: of_phone[lookup]
            for session_id, lookup in running.items()
            if not of_phone[lookup].is_as(self._told.get(session_id))
        }
        if new:
            # Nobody was promised it, and what comes next puts it on the disk as well.
            with database.writing(durable=False) as session:
                _note(session, sealer, new, now)
        for session_id, each in new.items():
            self._told[session_id] = each.beside(self._told.get(session_id))
        return len(new)


def _running(session: Session, lookups: list[bytes], now: dt.datetime) -> list[tuple[str, bytes]]:
    """Sessions that run, and whose."""
    rows: list[tuple[str, bytes]] = []
    for portion in long_lists.cut(lookups):
        some = Device.lookup.in_(filled(portion))
        for table in (Grant, TemporaryPass):
            query = (
                sa.select(table.session_id, Device.lookup)
                .join(Device, Device.id == table.device_id)
                .where(some, table.ended_at.is_(None), table.expires_at > now)
                .where(table.session_id.is_not(None))
            )
            rows += [(str(session_id), lookup) for session_id, lookup in session.execute(query)]
    return rows


def _note(session: Session, sealer: Sealer, new: Mapping[str, _Found], now: dt.datetime) -> None:
    for portion in long_lists.cut(new):
        some = filled(portion)
        grants = session.execute(
            sa.select(Grant, Device, Login)
            .join(Device, Device.id == Grant.device_id)
            .join(Login, Login.id == Grant.login_id)
            .where(Grant.session_id.in_(some), Grant.ended_at.is_(None))
        ).all()
        for grant, _, _ in grants:
            at = new[str(grant.session_id)]
            session_records.changed(
                session,
                sealer,
                grant,
                Change.ADDRESS,
                now,
                addresses=at.addresses,
                point=at.point,
            )
        passes = session.execute(
            sa.select(TemporaryPass, Device)
            .join(Device, Device.id == TemporaryPass.device_id)
            .where(TemporaryPass.session_id.in_(some), TemporaryPass.ended_at.is_(None))
        ).all()
        for each, _ in passes:
            at = new[str(each.session_id)]
            session_records.pass_found(
                session, sealer, each, now, addresses=at.addresses, point=at.point
            )
