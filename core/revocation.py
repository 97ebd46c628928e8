"""Stops a phone and ends what it is permitted, as one step.

Every way to end a grant early goes through here: while the gate is told, the grant is
held, so that nobody who reads it as running meanwhile can let the phone in for good.
A temporary pass ends with it, and the access log says so in the same transaction.
"""

import datetime as dt
from collections.abc import Collection
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import session_records
from core.database import Database
from core.mac import Mac
from core.models.device import Device
from core.models.grant import EndCause, Grant
from core.models.temporary_pass import PassEnd, TemporaryPass
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
    """Stop a phone, then end its grant and its pass; whether it had one that ran.

    If the gate raises, nothing has changed on disk, and the phone may still be online.
    """
    of_phone = Device.lookup == sealer.lookup("mac", mac.octets)
    with database.writing() as session:
        devices = session.scalars(sa.select(Device.id).where(of_phone)).all()
        running = session.scalars(
            sa.select(Grant)
            .where(Grant.device_id.in_(devices), Grant.ended_at.is_(None), Grant.expires_at > now)
            .with_for_update()
        ).all()
        # Before the gate is told, for the same reason: this holds them.
        passes = end_passes(session, sealer, devices, cause=PassEnd.REVOKED, now=now)
        gate.revoke(mac.text())
        for grant in running:
            grant.ended_at = now
            grant.end_cause = cause
            session_records.ended(session, sealer, grant, now)
    return bool(running) or passes > 0


def end_passes(
    session: Session,
    sealer: Sealer,
    devices: Collection[int],
    *,
    cause: PassEnd,
    now: dt.datetime,
) -> int:
    """Write down that the passes of these devices are over; how many ran."""
    running = session.scalars(
        sa.select(TemporaryPass)
        .where(
            TemporaryPass.device_id.in_(devices),
            TemporaryPass.ended_at.is_(None),
            TemporaryPass.expires_at > now,
        )
        .with_for_update()
    ).all()
    for given in running:
        given.ended_at = now
        given.end_cause = cause
        session_records.pass_ended(session, sealer, given, now)
    return len(running)
