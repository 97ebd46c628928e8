"""Brings the gate in line with the grants that run.

After a reboot its sets are empty, and only the database can tell who was online. And a
grant that was extended while the gate did not answer is longer than the gate knows.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from core.database import Database
from core.mac import Mac
from core.models import device as devices
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login, LoginState
from core.sealing import SealBrokenError, Sealer
from gate.client import Online
from portal.access import admission
from portal.access.admission import Admission


class Gate(admission.Gate, Protocol):
    """What restoring needs of the gate's client, beside what the portal does."""

    def online(self) -> Mapping[str, Online]: ...


# By how much less the gate may know of: it counts whole seconds, and reading takes some.
_SLACK = dt.timedelta(seconds=30)


def restore(database: Database, sealer: Sealer, gate: Gate, now: dt.datetime) -> int:
    """Admit the forgotten for what is left to them; how many. GateError: not all are.

    OperationalError: all are, and it cannot be written down, for want of room on the disk.
    A phone whose login never got as far as online is not among them: its owner is
    looking at a page that offers to try again.
    """
    # In this order: who was online when the database was read, and is not at the gate
    # afterwards, has been forgotten or has been sent away, which the grant tells apart.
    online_on_disk = list(_online_on_disk(database, sealer, now))
    online = gate.online()
    opening = Admission(gate, database, sealer)
    restored = 0
    failed: OperationalError | None = None
    for grant_id, expires_at, mac in online_on_disk:
        found = online.get(mac.text())
        if found and now + dt.timedelta(seconds=found.seconds_left) + _SLACK >= expires_at:
            continue
        grant = _running(database, grant_id)
        try:
            if grant is not None and opening.open(mac, grant, now, is_anew=True):
                restored += 1
        except OperationalError as error:
            # After the gate has admitted it, which is as well: its grant is on disk already.
            failed = error
    if failed:
        raise failed
    return restored


def _online_on_disk(
    database: Database, sealer: Sealer, now: dt.datetime
) -> Iterator[tuple[int, dt.datetime, Mac]]:
    with database.reading() as session:
        rows = session.execute(
            sa.select(Grant.id, Grant.expires_at, Device.sealed_mac)
            .join(Device, Device.id == Grant.device_id)
            .join(Login, Login.id == Grant.login_id)
            .where(
                Grant.ended_at.is_(None),
                Grant.challenged_at.is_(None),
                Grant.expires_at > now,
                Login.state == LoginState.ONLINE,
            )
        ).all()
    for grant_id, expires_at, sealed in rows:
        try:
            yield grant_id, expires_at, Mac(sealer.open(devices.MAC, sealed))
        except SealBrokenError:
            # Sealed with a secrets file that is lost: its owner logs in again.
            continue


def _running(database: Database, grant_id: int) -> Grant | None:
    """The grant as it is now, unless it has been ended."""
    with database.reading() as session:
        return session.scalar(
            sa.select(Grant).where(Grant.id == grant_id, Grant.ended_at.is_(None))
        )
