"""Lets phones in again whose grants run and whom the gate does not know: after a reboot
its sets are empty, and only the database can tell who was online.
"""

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Protocol

import sqlalchemy as sa

from core.database import Database
from core.mac import Mac
from core.models import device as devices
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login, LoginState
from core.sealing import SealBrokenError, Sealer
from portal import admission
from portal.admission import Admission


class Gate(admission.Gate, Protocol):
    """What restoring needs of the gate's client, beside what the portal does."""

    def online(self) -> Collection[str]: ...


def restore(database: Database, sealer: Sealer, gate: Gate, now: dt.datetime) -> int:
    """Admit the forgotten for what is left of their time; how many. GateError: not all are.

    A phone whose login never got as far as online is not among them: its owner is
    looking at a page that offers to try again.
    """
    # In this order: who was online when the database was read, and is not at the gate
    # afterwards, has been forgotten or has been sent away, which the grant tells apart.
    online_on_disk = dict(_online_on_disk(database, sealer, now))
    online = set(gate.online())
    opening = Admission(gate, database, sealer)
    restored = 0
    for grant_id, mac in online_on_disk.items():
        if mac.text() in online:
            continue
        grant = _running(database, grant_id)
        if grant is not None and opening.open(mac, grant, now):
            restored += 1
    return restored


def _online_on_disk(
    database: Database, sealer: Sealer, now: dt.datetime
) -> Iterator[tuple[int, Mac]]:
    with database.reading() as session:
        rows = session.execute(
            sa.select(Grant.id, Device.sealed_mac)
            .join(Device, Device.id == Grant.device_id)
            .join(Login, Login.id == Grant.login_id)
            .where(
                Grant.ended_at.is_(None),
                Grant.challenged_at.is_(None),
                Grant.expires_at > now,
                Login.state == LoginState.ONLINE,
            )
        ).all()
    for grant_id, sealed in rows:
        try:
            yield grant_id, Mac(sealer.open(devices.MAC, sealed))
        except SealBrokenError:
            # Sealed with a secrets file that is lost: its owner logs in again.
            continue


def _running(database: Database, grant_id: int) -> Grant | None:
    """The grant as it is now, unless it has been ended."""
    with database.reading() as session:
        return session.scalar(
            sa.select(Grant).where(Grant.id == grant_id, Grant.ended_at.is_(None))
        )
