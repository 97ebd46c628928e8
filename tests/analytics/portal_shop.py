"""A shop whose shoppers log in when a test says so: rows as the portal would write them, or
as a day of it has been counted.
"""

import dataclasses
import datetime as dt

import sqlalchemy as sa

from analytics.logins.portal_report import PARTS, STEPS
from core import clock, day_mark
from core.models.attribution import MemberSource, Source
from core.models.consent import Consent, Purpose
from core.models.device import Device
from core.models.grant import Grant
from core.models.login import Login, LoginState, LoginWay, Serves
from core.models.member import Member
from core.models.portal_day import PortalDay, PortalPhone
from core.sealing import Sealer
from core.settings import Settings


@dataclasses.dataclass
class Shop:
    database: object
    sealer: Sealer
    settings: Settings

    def see(self, number, at, **steps):
        """A phone is shown the first page."""
        day = clock.store_day(at, self.settings.store.zone)
        mark = day_mark.of(self.sealer, self._lookup(number), day)
        self._add(PortalPhone(day=day, mark=mark, **steps))

    def ask(self, number, at, serves=Serves.INTERNET):
        """A phone begins a login; returns its id."""
        with self.database.writing() as session:
            return self._begun(session, number, at, serves).id

    def come_online(self, number, at, member=None):
        self.come_online_together([number], at, member)

    def come_online_together(self, numbers, at, member=None):
        with self.database.writing() as session:
            for number in numbers:
                login = self._begun(session, number, at, Serves.INTERNET)
                session.add(
                    Grant(
                        device_id=login.device_id,
                        login_id=login.id,
                        member_id=member,
                        started_at=at,
                        expires_at=at,
                    )
                )

    def enrol(self, at, *purposes, source=None):
        """A new member, who agrees to some purposes; returns their id."""
        with self.database.writing() as session:
            count = session.scalar(sa.select(sa.func.count(Member.id)))
            member = Member(public_id=f"{count:026}", language="zh", enrolled_at=at)
            session.add(member)
            session.flush()
            if source is not None:
                times = dict.fromkeys(("since", "entered_at", "protected_until", "until"), at)
                session.add(MemberSource(member_id=member.id, source_id=source, **times))
            member_id = member.id
        for purpose in purposes:
            self.agree(member_id, purpose, at)
        return member_id

    def agree(self, member, purpose, at, withdrawn_at=None):
        self._add(
            Consent(
                account_lookup=member.to_bytes(16),
                member_id=member,
                purpose=purpose,
                wording_version="1",
                language="zh",
                given_at=at,
                withdrawn_at=withdrawn_at,
            )
        )

    def withdraw(self, member, at):
        with self.database.writing() as session:
            session.execute(
                sa.update(Consent).where(Consent.member_id == member).values(withdrawn_at=at)
            )

    def regular(self, number, at):
        """Comes, sees the page, logs in as a new member who agrees to everything."""
        self.see(number, at)
        member = self.enrol(at, Purpose.MARKETING, Purpose.VISIT_ANALYTICS)
        self.come_online(number, at, member)
        return member

    def source(self, kind, name, at):
        with self.database.writing() as session:
            source = Source(kind=kind, name=name, code=name, created_at=at)
            session.add(source)
            session.flush()
            return source.id

    def _begun(self, session, number, at, serves):
        lookup = self._lookup(number)
        device = session.scalar(sa.select(Device).where(Device.lookup == lookup))
        if device is None:
            device = Device(
                lookup=lookup,
                sealed_mac=b"",
                randomised=True,
                first_seen_at=at,
                last_seen_at=at,
            )
            session.add(device)
            session.flush()
        login = Login(
            device_id=device.id,
            way=LoginWay.SMS,
            serves=serves,
            state=LoginState.CODE_SENT,
            language="zh",
            account_lookup=lookup,
            sealed_account=b"",
            started_at=at,
            terms_accepted_at=at,
        )
        session.add(login)
        session.flush()
        return login

    def _lookup(self, number):
        return self.sealer.lookup("mac", number.to_bytes(6))

    def _add(self, row):
        with self.database.writing() as session:
            session.add(row)


def row(day, steps, parts=(0, 0, 0, 0, 0)):
    """A counted day that is over: phones by step, members by when they were here last."""
    at = dt.datetime(2026, 5, 17, tzinfo=dt.UTC)
    return PortalDay(
        day=day,
        **dict(zip(STEPS, steps, strict=True)),
        **dict(zip(PARTS, parts, strict=True)),
        enrolled=0,
        updated_at=at,
        closed_at=at,
    )
