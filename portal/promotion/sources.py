"""Remembers by which QR code a phone came, and puts the member down to it at the login."""

import dataclasses
import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.events import member_event
from core.models.attribution import DeviceSource, MemberSource, Source
from core.models.device import Device
from core.models.member import Member
from core.outbox import EventType
from core.sealing import Sealer
from core.setting_groups.campaigns import CampaignSettings
from portal.promotion import attribution
from portal.promotion.attribution import Attribution, Windows

_LONGEST_CODE = 16


@dataclasses.dataclass(frozen=True, slots=True)
class SourceDesk:
    sealer: Sealer
    store_id: str
    settings: CampaignSettings

    def find(self, session: Session, code: str) -> Source | None:
        """The source of a QR code that still counts."""
        if not code or len(code) > _LONGEST_CODE:
            return None
        return session.scalar(
            sa.select(Source).where(Source.code == code, Source.ended_at.is_(None))
        )

    def enter(self, session: Session, device: Device, source: Source, now: dt.datetime) -> None:
        """Remember that `device` came by `source`, until its login."""
        row = session.get(DeviceSource, device.id, with_for_update=True)
        changed = attribution.after(_read(row), source.id, now, self._windows)
        if row is None:
            session.add(DeviceSource(device_id=device.id, **dataclasses.asdict(changed)))
        else:
            _write(row, changed)

    def put_down(self, session: Session, device_id: int, member: Member, now: dt.datetime) -> None:
        """Hand on to `member` what is remembered of a phone, and tell the CRM of a change."""
        brought = session.get(DeviceSource, device_id, with_for_update=True)
        if brought is None:
            return
        session.delete(brought)
        if now >= brought.until:
            return
        row = session.get(MemberSource, member.id, with_for_update=True)
        before = _read(row)
        changed = attribution.after(before, brought.source_id, brought.entered_at, self._windows)
        if changed == before:
            return
        if row is None:
            session.add(MemberSource(member_id=member.id, **dataclasses.asdict(changed)))
        else:
            _write(row, changed)
        self._tell_crm(session, member, changed, now)

    def tell_again(self, session: Session, member: Member, now: dt.datetime) -> None:
        """Tell the CRM who counts, for a member who turned out to be several."""
        found = _read(session.get(MemberSource, member.id))
        if found is not None and now < found.until:
            self._tell_crm(session, member, found, now)

    @property
    def _windows(self) -> Windows:
        return Windows(
            dt.timedelta(days=self.settings.protection_days),
            dt.timedelta(days=self.settings.validity_days),
        )

    def _tell_crm(
        self, session: Session, member: Member, changed: Attribution, now: dt.datetime
    ) -> None:
        source = session.get_one(Source, changed.source_id)
        data = {
            "source": {"kind": source.kind, "code": source.code, "name": source.name},
            "since": changed.since.isoformat(),
            "until": changed.until.isoformat(),
        }
        kind, store_id = EventType.ATTRIBUTION_CHANGED, self.store_id
        member_event.add(session, self.sealer, kind, member, data, store_id=store_id, now=now)


def _read(row: DeviceSource | MemberSource | None) -> Attribution | None:
    if row is None:
        return None
    return Attribution(row.source_id, row.since, row.entered_at, row.protected_until, row.until)


def _write(row: DeviceSource | MemberSource, changed: Attribution) -> None:
    for name, value in dataclasses.asdict(changed).items():
        setattr(row, name, value)
