"""Temporary passes: WeChat alone, for a minute or three, for a phone that has not logged in.

A portal cannot open WeChat: Android's page refuses such links, and an iPhone that leaves
the sheet before all seems well leaves the network with it. With a pass the shopper opens
it by hand. Which of the two kinds a phone needs (`PassKind`) is told by its user agent; a
lie there gains nothing, since the gate opens the same few hosts for either.

A pass is no login: it is given only to a phone without a grant, never made longer, and
ended by the first grant. It is on disk before the gate hears of it, so none goes uncounted.
After a reboot it is not restored: by the time a box is up again it would be over.
"""

import dataclasses
import datetime as dt
import re
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import session_records
from core.database import Database
from core.mac import Mac
from core.models.device import Device
from core.models.temporary_pass import PassEnd, PassKind, TemporaryPass
from core.sealing import Sealer
from core.setting_groups.plans import PassSettings
from gate.client import Limits
from portal import devices
from portal.access import grants

_DAY = dt.timedelta(days=1)
_MB = 1_000_000

# The system comes first in the brackets. Further on, others claim to be "like iPhone" too.
_APPLE = re.compile(r"Mozilla/[\d.]+ \((?:iPhone|iPad|iPod|Macintosh)\b")


class Gate(Protocol):
    """What this needs of the gate's client. May raise GateError."""

    def give_pass(self, mac: str, seconds: int, limits: Limits) -> None: ...


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """What a phone that is not online may be shown about passes."""

    left: int
    """How many it may still have, of those of the last 24 hours."""
    running: TemporaryPass | None
    """The one that is open now."""


@dataclasses.dataclass(frozen=True, slots=True)
class PassDesk:
    settings: PassSettings
    database: Database
    sealer: Sealer
    gate: Gate

    def offer(self, device: Device | None, now: dt.datetime) -> Offer | None:
        """What to show, None if this store gives no passes."""
        if not self.settings.per_day:
            return None
        if device is None:
            return Offer(self.settings.per_day, None)
        with self.database.reading() as session:
            found = _running(session, device, now)
            running = found if found is not None and found.opened_at is not None else None
            # One that the gate did not open is begun, and may be asked for again.
            left = self._left(session, device, now) + (found is not None and running is None)
        return Offer(left, running)

    def take(self, mac: Mac, kind: PassKind, now: dt.datetime) -> TemporaryPass | None:
        """Write a pass down, or find the one that runs: two tabs get one. The gate comes after.

        Returns:
            None if the phone may have none: it has a grant, or has had them all.
        """
        if not self.settings.per_day:
            return None
        with self.database.writing() as session:
            device = devices.find_or_make(session, self.sealer, mac, now)
            if grants.running(session, device, now) is not None:
                return None
            running = _running(session, device, now)
            if running is not None or self._left(session, device, now) < 1:
                return running
            taken = TemporaryPass(
                device_id=device.id,
                kind=kind,
                started_at=now,
                expires_at=now + dt.timedelta(seconds=self.settings.seconds),
            )
            session.add(taken)
            session.flush()
            session_records.pass_given(session, self.sealer, taken, now)
        return taken

    def open(self, mac: Mac, taken: TemporaryPass, now: dt.datetime) -> bool:
        """Let the phone reach the pass hosts for what is left of its pass, once.

        Asked again it does nothing: another request to the gate would give it another
        quota. GateError: it may not be open, and may be asked for again.

        Returns:
            Whether this call opened it.
        """
        limits = Limits(
            down_kbit_s=self.settings.speed_kbit_s,
            up_kbit_s=self.settings.speed_kbit_s,
            bytes=self.settings.quota_mb * _MB,
        )
        with self.database.writing() as session:
            # Held while the gate is told: a grant or a revocation, which end the pass
            # first, then cannot be undone by a pass that reaches the gate after them.
            held = session.get(TemporaryPass, taken.id, with_for_update=True)
            if held is None or held.ended_at is not None or held.opened_at is not None:
                return False
            seconds = int((held.expires_at - now).total_seconds())
            if seconds < 1:
                return False
            self.gate.give_pass(mac.text(), seconds, limits)
            held.opened_at = now
        return True

    def vouches_for(self, mac: Mac, now: dt.datetime) -> bool:
        """Whether Apple's probe of this phone is to succeed: an open pass of that kind."""
        with self.database.reading() as session:
            found = session.scalar(
                sa.select(TemporaryPass.id)
                .join(Device, Device.id == TemporaryPass.device_id)
                .where(
                    Device.lookup == devices.lookup(self.sealer, mac),
                    TemporaryPass.kind == PassKind.IOS,
                    TemporaryPass.opened_at.is_not(None),
                    *_runs(now),
                )
                .limit(1)
            )
        return found is not None

    def _left(self, session: Session, device: Device, now: dt.datetime) -> int:
        count = sa.select(sa.func.count()).where(
            TemporaryPass.device_id == device.id, TemporaryPass.started_at > now - _DAY
        )
        return max(0, self.settings.per_day - (session.scalar(count) or 0))


def end_expired(database: Database, sealer: Sealer, now: dt.datetime) -> int:
    """Note of passes whose time is up that they are over; how many. The gate has shut them."""
    with database.writing() as session:
        over = session.execute(
            sa.select(TemporaryPass, Device)
            .join(Device, Device.id == TemporaryPass.device_id)
            .where(TemporaryPass.ended_at.is_(None), TemporaryPass.expires_at <= now)
            .order_by(TemporaryPass.expires_at)
            .with_for_update(of=TemporaryPass)
        ).all()
        for each, _ in over:
            each.ended_at, each.end_cause = each.expires_at, PassEnd.EXPIRED
            session_records.pass_ended(session, sealer, each, now)
    return len(over)


def kind_for(user_agent: str) -> PassKind:
    """Apple's, if the phone says that it is; whatever else there is stays captive."""
    return PassKind.IOS if _APPLE.match(user_agent) else PassKind.ANDROID


def _running(session: Session, device: Device, now: dt.datetime) -> TemporaryPass | None:
    return session.scalar(
        sa.select(TemporaryPass)
        .where(TemporaryPass.device_id == device.id, *_runs(now))
        .order_by(TemporaryPass.id.desc())
        .limit(1)
    )


def _runs(now: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return TemporaryPass.ended_at.is_(None), TemporaryPass.expires_at > now
