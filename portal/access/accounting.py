"""Charges what phones send and receive to their grants, and ends the grants that are over.

What the gate counts is read in one call; what has been charged already is on disk
(`CounterReading`), in the same transaction as the charge. So a restart of any program
loses nothing and charges nothing twice.

What is little waits at the gate for some minutes: a page of flash memory is written for each few
phones, and in a full shop all of them send a little all the time. A power cut takes no more
than that.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import long_lists, revocation, session_records
from core.database import Database
from core.long_lists import filled
from core.mac import Mac
from core.models import device as devices
from core.models.counter_reading import CounterReading
from core.models.device import Device
from core.models.grant import EndCause, Grant
from core.models.login import Login
from core.sealing import SealBrokenError, Sealer
from portal.access import charges, little_traffic, metering, passes
from portal.access.metering import Traffic


class Counters(Protocol):
    @property
    def bytes_up(self) -> int: ...
    @property
    def bytes_down(self) -> int: ...


class Gate(revocation.Gate, Protocol):
    """What this needs of the gate's client. Each may raise `gate.client.GateError`."""

    def counters(self) -> Mapping[str, Counters]: ...


class Watch:
    """Charges at each turn, and judges silence only by what it has watched itself.

    While nobody read the counters (a reboot, a gate that did not answer), a phone was
    not silent: it was not listened to.
    """

    def __init__(self, patience: dt.timedelta = dt.timedelta(0)) -> None:
        self._patience = patience
        self._since: dt.datetime | None = None

    def turn(
        self, database: Database, sealer: Sealer, gate: Gate, now: dt.datetime
    ) -> dict[EndCause, int]:
        """Charge, then end what is over; how many grants ended of what.

        GateError: some of it is left for the next turn, nothing is lost.
        """
        # None while it runs, so that an error starts the watch anew.
        since, self._since = self._since or now, None
        charge(database, sealer, gate, now, self._patience)
        ended = end_what_is_over(database, sealer, gate, now, watched_since=since)
        self._since = since
        return ended


def charge(
    database: Database,
    sealer: Sealer,
    gate: Gate,
    now: dt.datetime,
    patience: dt.timedelta = dt.timedelta(0),
) -> int:
    """Add what came since the last reading to each device's grant; of how many devices.

    What is little, and came since a reading that is not older than `patience`, is left for later.
    """
    counted = {
        sealer.lookup("mac", Mac.parse(mac).octets): Traffic(each.bytes_up, each.bytes_down)
        for mac, each in gate.counters().items()
    }
    charged, heard = 0, set[int]()
    with database.writing() as session:
        since = now - little_traffic.wait(session, patience)
        for some in long_lists.cut(counted):
            # A device that is not in the database never had a grant.
            wanted = sa.select(Device.id, Device.lookup).where(Device.lookup.in_(filled(some)))
            reading = {device_id: counted[lookup] for device_id, lookup in session.execute(wanted)}
            charged += _charge(session, reading, since, now)
            heard |= reading.keys()
        _forget_all_but(session, heard)
    return charged


def _charge(
    session: Session, reading: Mapping[int, Traffic], since: dt.datetime, now: dt.datetime
) -> int:
    before = _last_reading(session, reading.keys())
    known = {key: each.traffic for key, each in before.items()}
    held = charges.open_of_devices(session, reading.keys())
    waits = {
        key: known[key]
        for key in before.keys() & held.keys()
        if before[key].read_at > since
        and before[key].read_at >= held[key].started_at
        and little_traffic.is_little(known[key], reading[key])
    }
    reading = {**reading, **waits}
    grown = metering.growths(known, reading)
    charges.add(session, grown, before, held, now)
    _keep(session, before, reading, now)
    return len(grown)


def end_what_is_over(
    database: Database,
    sealer: Sealer,
    gate: Gate,
    now: dt.datetime,
    *,
    watched_since: dt.datetime,
) -> dict[EndCause, int]:
    """End grants whose time, data or patience has run out; how many of what.

    Those whose time is up have left the gate by themselves. The others are stopped there
    first: while the gate does not answer (GateError), their grants stay, and are found
    again.
    """
    ended = dict.fromkeys((EndCause.EXPIRED, EndCause.QUOTA, EndCause.IDLE), 0)
    ended[EndCause.EXPIRED] = _close_expired(database, sealer, now)
    passes.end_expired(database, sealer, now)
    for grant, sealed_mac in _may_be_over(database, now):
        cause = why_over(grant, now, watched_since)
        if cause is None:
            continue
        try:
            mac = Mac(sealer.open(devices.MAC, sealed_mac))
        except SealBrokenError:
            # Sealed with a secrets file that is lost: it ends with its time.
            continue
        if revocation.revoke(database, sealer, gate, mac, cause=cause, now=now):
            ended[cause] += 1
    return {cause: count for cause, count in ended.items() if count}


def why_over(grant: Grant, now: dt.datetime, watched_since: dt.datetime) -> EndCause | None:
    """Why a grant that has not been ended is over, if it is before its time."""
    if grant.quota_bytes and grant.bytes_up + grant.bytes_down >= grant.quota_bytes:
        return EndCause.QUOTA
    silent_since = max(grant.last_active_at or grant.started_at, watched_since)
    if grant.idle_timeout_s and now - silent_since >= dt.timedelta(seconds=grant.idle_timeout_s):
        return EndCause.IDLE
    return None


def _may_be_over(database: Database, now: dt.datetime) -> Sequence[sa.Row[Grant, bytes]]:
    """Few of all that run: `why_over` tells."""
    may_be_over = sa.and_(
        Grant.quota_bytes > 0, Grant.bytes_up + Grant.bytes_down >= Grant.quota_bytes
    )
    with database.reading() as session:
        shortest = little_traffic.shortest_silence(session)
        if shortest is not None:
            active_at = sa.func.coalesce(Grant.last_active_at, Grant.started_at)
            is_silent = sa.and_(Grant.idle_timeout_s > 0, active_at <= now - shortest)
            may_be_over = sa.or_(may_be_over, is_silent)
        return session.execute(
            sa.select(Grant, Device.sealed_mac)
            .join(Device, Device.id == Grant.device_id)
            .where(Grant.ended_at.is_(None), may_be_over)
        ).all()


def _last_reading(session: Session, device_ids: Collection[int]) -> dict[int, charges.Known]:
    columns = (
        CounterReading.device_id,
        CounterReading.bytes_up,
        CounterReading.bytes_down,
        CounterReading.read_at,
    )
    return {
        device_id: charges.Known(Traffic(up, down), read_at)
        for device_id, up, down, read_at in session.execute(
            sa.select(*columns).where(CounterReading.device_id.in_(filled(device_ids)))
        )
    }


def _keep(
    session: Session,
    before: Mapping[int, charges.Known],
    reading: Mapping[int, Traffic],
    now: dt.datetime,
) -> None:
    """What the counters stand at now."""
    connection = session.connection()
    new = [_row(key, each, now) for key, each in reading.items() if key not in before]
    if new:
        connection.execute(sa.insert(CounterReading), new)
    changed = [
        {"of": key, **_row(key, each, now)}
        for key, each in reading.items()
        if key in before and each != before[key].traffic
    ]
    if changed:
        connection.execute(
            sa.update(CounterReading).where(CounterReading.device_id == sa.bindparam("of")), changed
        )


def _forget_all_but(session: Session, device_ids: Collection[int]) -> None:
    """The readings of whom the gate has forgotten."""
    kept = session.scalars(sa.select(CounterReading.device_id))
    for some in long_lists.cut(set(kept).difference(device_ids)):
        session.connection().execute(
            sa.delete(CounterReading).where(CounterReading.device_id.in_(filled(some)))
        )


def _row(device_id: int, traffic: Traffic, now: dt.datetime) -> dict[str, object]:
    return {
        "device_id": device_id,
        "bytes_up": traffic.up,
        "bytes_down": traffic.down,
        "read_at": now,
    }


def _close_expired(database: Database, sealer: Sealer, now: dt.datetime) -> int:
    with database.writing() as session:
        # All three at once: each row of the access log is made of them.
        over = session.execute(
            sa.select(Grant, Device, Login)
            .join(Device, Device.id == Grant.device_id)
            .join(Login, Login.id == Grant.login_id)
            .where(Grant.ended_at.is_(None), Grant.expires_at <= now)
            .order_by(Grant.expires_at)
            .with_for_update(of=Grant)
        ).all()
        for grant, _, _ in over:
            grant.ended_at, grant.end_cause = grant.expires_at, EndCause.EXPIRED
            session_records.ended(session, sealer, grant, now)
    return len(over)
