"""Which grants traffic is charged to, when grants begin and end between two readings."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.long_lists import filled
from core.models.grant import Grant
from portal.access import little_traffic
from portal.access.metering import Traffic

# For so long after a phone's last packet the gate keeps its counters.
_GATE_REMEMBERS = dt.timedelta(hours=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What a device's counters stood at, and when they were last seen to change."""

    traffic: Traffic
    read_at: dt.datetime


class Held(NamedTuple):
    """A grant that nobody has ended yet."""

    grant_id: int
    started_at: dt.datetime


def add(
    session: Session,
    grown: Mapping[int, Traffic],
    before: Mapping[int, Known],
    held: Mapping[int, Held],
    now: dt.datetime,
) -> None:
    """To each device's newest grant, so long as it can have been the one that was used.

    All four are of the same devices, no more than `core.long_lists.MOST`.

    If another ended since the last reading, what may have waited till then is that one's.
    """
    newest = {device_id: each.grant_id for device_id, each in held.items()}
    for device_id, grant_id, ended_at in _last_grants(session, grown.keys() - newest.keys()):
        known = before.get(device_id)
        if ended_at and ended_at >= (known.read_at if known else now - _GATE_REMEMBERS):
            newest[device_id] = grant_id
    shares = {
        newest[device_id]: traffic for device_id, traffic in grown.items() if device_id in newest
    }
    for grant_id, former_id in _just_followed(session, grown.keys(), before, held):
        shares[former_id], shares[grant_id] = little_traffic.split(shares[grant_id])
    charges = [
        {"of": grant_id, "up": traffic.up, "down": traffic.down, "at": now}
        for grant_id, traffic in shares.items()
        if traffic.total
    ]
    if charges:
        session.connection().execute(
            sa.update(Grant)
            .where(Grant.id == sa.bindparam("of"))
            .values(
                bytes_up=Grant.bytes_up + sa.bindparam("up"),
                bytes_down=Grant.bytes_down + sa.bindparam("down"),
                last_active_at=sa.bindparam("at"),
            ),
            charges,
        )


def open_of_devices(session: Session, device_ids: Collection[int]) -> dict[int, Held]:
    """The newest of each of these, by device, of those that nobody has ended yet."""
    columns = (Grant.device_id, Grant.id, Grant.started_at)
    is_open = Grant.device_id.in_(filled(device_ids)), Grant.ended_at.is_(None)
    wanted = sa.select(*columns).where(*is_open).order_by(Grant.id)
    return {
        device_id: Held(grant_id, started_at)
        for device_id, grant_id, started_at in session.execute(wanted)
    }


def _just_followed(
    session: Session,
    device_ids: Collection[int],
    before: Mapping[int, Known],
    held: Mapping[int, Held],
) -> Iterator[tuple[int, int]]:
    """Grants, and those in whose place they came since the device's last reading."""
    new = [
        device_id
        for device_id in device_ids & held.keys() & before.keys()
        if held[device_id].started_at > before[device_id].read_at
    ]
    if not new:
        return
    ended = (
        sa.select(Grant.device_id, sa.func.max(Grant.id), sa.func.max(Grant.ended_at))
        .where(Grant.device_id.in_(filled(new)), Grant.ended_at.is_not(None))
        .group_by(Grant.device_id)
    )
    for device_id, former_id, ended_at in session.execute(ended):
        if ended_at and ended_at > before[device_id].read_at:
            yield held[device_id].grant_id, former_id


def _last_grants(
    session: Session, device_ids: Collection[int]
) -> Iterator[tuple[int, int, dt.datetime | None]]:
    """Device, newest grant, and when that was ended."""
    if not device_ids:
        return
    newest = (
        sa.select(sa.func.max(Grant.id))
        .where(Grant.device_id.in_(filled(device_ids)))
        .group_by(Grant.device_id)
    )
    wanted = sa.select(Grant.device_id, Grant.id, Grant.ended_at).where(Grant.id.in_(newest))
    yield from session.execute(wanted)
