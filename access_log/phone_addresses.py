"""Writes down under which IP addresses a phone with a grant or pass is found."""

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import session_records
from core.database import Database
from core.mac import Mac
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login
from core.models.temporary_pass import TemporaryPass
from core.sealing import Sealer
from core.session_records import Change

# Values in one statement.
_AT_ONCE = 500


class PhoneAddresses:
    """Remembers, in memory alone, what it has written of whom.

    Begun anew it says everything once more, as it does each day: so no day needs the one before.
    """

    def __init__(self) -> None:
        self._day: dt.date | None = None
        self._told: dict[str, frozenset[str]] = {}

    def turn(
        self,
        database: Database,
        sealer: Sealer,
        found: Mapping[Mac, Sequence[object]],
        today: dt.date,
        now: dt.datetime,
    ) -> int:
        """Write what is new of `found`, addresses by phone; of how many sessions."""
        if today != self._day:
            self._day, self._told = today, {}
        of_phone = {
            sealer.lookup("mac", mac.octets): sorted(map(str, addresses))
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
            if not self._told.get(session_id, frozenset()) >= set(of_phone[lookup])
        }
        if new:
            # Nobody was promised it, and what comes next puts it on the disk as well.
            with database.writing(durable=False) as session:
                _note(session, sealer, new, now)
        for session_id, addresses in new.items():
            self._told[session_id] = self._told.get(session_id, frozenset()) | set(addresses)
        return len(new)


def _running(session: Session, lookups: list[bytes], now: dt.datetime) -> list[tuple[str, bytes]]:
    """Sessions that run, and whose."""
    rows: list[tuple[str, bytes]] = []
    for start in range(0, len(lookups), _AT_ONCE):
        some = Device.lookup.in_(lookups[start : start + _AT_ONCE])
        for table in (Grant, TemporaryPass):
            query = (
                sa.select(table.session_id, Device.lookup)
                .join(Device, Device.id == table.device_id)
                .where(some, table.ended_at.is_(None), table.expires_at > now)
                .where(table.session_id.is_not(None))
            )
            rows += [(str(session_id), lookup) for session_id, lookup in session.execute(query)]
    return rows


def _note(session: Session, sealer: Sealer, new: Mapping[str, list[str]], now: dt.datetime) -> None:
    ids = list(new)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        grants = session.execute(
            sa.select(Grant, Device, Login)
            .join(Device, Device.id == Grant.device_id)
            .join(Login, Login.id == Grant.login_id)
            .where(Grant.session_id.in_(some), Grant.ended_at.is_(None))
        ).all()
        for grant, _, _ in grants:
            session_records.changed(
                session,
                sealer,
                grant,
                Change.ADDRESS,
                now,
                addresses=new[str(grant.session_id)],
            )
        passes = session.execute(
            sa.select(TemporaryPass, Device)
            .join(Device, Device.id == TemporaryPass.device_id)
            .where(TemporaryPass.session_id.in_(some), TemporaryPass.ended_at.is_(None))
        ).all()
        for each, _ in passes:
            session_records.pass_found(
                session, sealer, each, now, addresses=new[str(each.session_id)]
            )
