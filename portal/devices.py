"""Finds a phone by its hardware address, or makes its row."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.mac import Mac
from core.models import device as devices
from core.models.device import Device
from core.sealing import Sealer
from portal import mutex

_BY_LOOKUP = sa.select(Device).where(Device.lookup == sa.bindparam("lookup"))


def lookup(sealer: Sealer, mac: Mac) -> bytes:
    return sealer.lookup("mac", mac.octets)


def find(session: Session, sealer: Sealer, mac: Mac) -> Device | None:
    return session.scalar(_BY_LOOKUP, {"lookup": lookup(sealer, mac)})


def find_or_make(session: Session, sealer: Sealer, mac: Mac, now: dt.datetime) -> Device:
    mutex.hold(session, lookup(sealer, mac))
    device = find(session, sealer, mac)
    if device is None:
        device = Device(
            lookup=lookup(sealer, mac),
            sealed_mac=sealer.seal(devices.MAC, mac.octets),
            randomised=mac.is_randomised,
            first_seen_at=now,
        )
        session.add(device)
    device.last_seen_at = now
    session.flush()
    return device
