"""Stops a phone and ends what it is permitted, as one step.

Every way to end a grant early goes through here: while the gate is told, the grant is
held, so that nobody who reads it as running meanwhile can let the phone in for good.
"""

import datetime as dt
from typing import Protocol

import sqlalchemy as sa

from core.database import Database
from core.mac import Mac
from core.models.device import Device
from core.models.grant import EndCause, Grant
from core.sealing import Sealer


class Gate(Protocol):
    """What this needs of the gate's client. May raise `gate.client.GateError`."""

    def revoke(self, mac: str) -> None: ...


def revoke(
    database: Database,
    sealer: Sealer,
    gate: Gate,
    mac: Mac,
    *,
    cause: EndCause,
    now: dt.datetime,
) -> bool:
    """Stop a phone, then end its grant; whether it had one that ran.

    If the gate raises, nothing has changed on disk, and the phone may still be online.
    """
    of_phone = sa.select(Device.id).where(Device.lookup == sealer.lookup("mac", mac.octets))
    with database.writing() as session:
        running = session.scalars(
            sa.select(Grant)
            .where(Grant.device_id.in_(of_phone), Grant.ended_at.is_(None), Grant.expires_at > now)
            .with_for_update()
        ).all()
        gate.revoke(mac.text())
        for grant in running:
            grant.ended_at = now
            grant.end_cause = cause
    return bool(running)
