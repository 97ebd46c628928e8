"""A store with members of every sort, and a CRM that is really asked over HTTP."""

import contextlib
import dataclasses
import datetime as dt
import json
import threading
import zoneinfo

import sqlalchemy as sa
import ulid
from werkzeug.serving import make_server

from appliance.demo.fakes import parts, wsgi
from appliance.demo.fakes.store import Store as CrmStore
from appliance.mending import StoreMender
from core import erasure
from core.models import identity as identities
from core.models.campaign import Audience, Campaign, CouponKind, Spot
from core.models.consent import Consent, Purpose
from core.models.coupon import Coupon
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
from core.setting_groups.crm import CrmSettings
from core.settings import Settings
from crm import delivery, reconciliation
from crm.backoff import Backoff
from crm.counterpart import WebCounterpart
from crm.signed_question import SignedQuestions
from crm.webhook import WebhookCrm
from portal.members import membership, merged_news
from tests.analytics.traffic_days import day_row

KEY = bytes([2]) * 32
STORE = {"doorman-store": "store-1"}


@contextlib.contextmanager
def crm_server(folder, now):
    """The fake CRM, in a thread; its folder of data and its address."""
    made = parts.Parts(
        store=CrmStore(folder),
        sms_key=KEY,
        crm_key=KEY,
        clock=lambda: now,
        zone=zoneinfo.ZoneInfo("Asia/Shanghai"),
        sms_limits={},
    )
    server = make_server("127.0.0.1", 0, wsgi.application(made), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield made.store, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclasses.dataclass
class ChainStore:
    database: object
    sealer: object
    settings: Settings
    crm: CrmStore
    url: str
    now: dt.datetime

    def enrol(self, number, *, days_ago=0, coupon=False):
        """A member that the store has, and of whom nothing is queued."""
        at = self.now - dt.timedelta(days=days_ago)
        value = f"+861380013{number:04}".encode()
        with self.database.writing() as session:
            public_id = str(ulid.ULID.from_datetime(at))
            member = Member(public_id=public_id, language="zh", enrolled_at=at, version=3)
            session.add(member)
            session.flush()
            lookup = self.sealer.lookup("phone", value)
            session.add(
                Identity(
                    member_id=member.id,
                    kind=IdentityKind.PHONE,
                    lookup=lookup,
                    sealed_value=self.sealer.seal(identities.VALUE, value),
                    verified_at=at,
                )
            )
            session.add(
                Consent(
                    account_lookup=lookup,
                    member_id=member.id,
                    purpose=Purpose.MEMBERSHIP,
                    wording_version="1",
                    language="zh",
                    given_at=at,
                )
            )
            if coupon:
                self._give_coupon(session, member, at)
            return member.public_id

    def close_day(self, day):
        with self.database.writing() as session:
            session.add(day_row(day))

    def erase(self, public_id):
        with self.database.writing() as session:
            erasure.erase(session, self.sealer, public_id, store_id="store-1", now=self.now)

    def merge(self, public_id, *, into):
        with self.database.writing() as session:
            stays, goes = (
                session.scalars(sa.select(Member).where(Member.public_id == each)).one()
                for each in (into, public_id)
            )
            gone = membership.absorb(session, stays, [goes.id])
            merged_news.tell(session, self.sealer, stays, gone, store_id="store-1", now=self.now)

    def members(self):
        with self.database.reading() as session:
            return dict(session.execute(sa.select(Member.public_id, Member.version)).all())

    def deliver(self):
        crm = WebhookCrm(f"{self.url}/crm/events", KEY, 5, lambda: self.now)
        with contextlib.closing(crm):
            backoff = Backoff(chance=lambda: 0.0)
            return delivery.deliver(
                self.database, self.sealer, crm, self.settings, lambda: self.now, backoff=backoff
            )

    def reconcile(self, **how):
        url = f"{self.url}/crm/reconcile"
        setting = "crm.reconcile_url"
        questions = SignedQuestions(url, KEY, 5, lambda: self.now, STORE, setting=setting)
        counterpart = WebCounterpart(questions)
        mender = StoreMender(self.database, self.sealer, self.settings, **how)
        with contextlib.closing(counterpart):
            return reconciliation.reconcile(
                self.database, counterpart, mender, self.settings.store.zone, self.now
            )

    def at_crm(self, statement, *values):
        with self.crm.writing() as connection:
            connection.execute(statement, values)

    def crm_members(self):
        with self.crm.reading() as connection:
            rows = connection.execute("SELECT id, data FROM members").fetchall()
        return {row["id"]: json.loads(row["data"]) for row in rows}

    def _give_coupon(self, session, member, at):
        campaign = Campaign(
            name="Spring",
            spot=Spot.ONLINE,
            audience=Audience.MEMBERS,
            starts_at=at,
            ends_at=at + dt.timedelta(days=9),
            heading="Spring",
            coupon=CouponKind.MADE,
            created_at=at,
        )
        session.add(campaign)
        session.flush()
        until = at + dt.timedelta(days=30)
        session.add(
            Coupon(
                campaign_id=campaign.id,
                member_id=member.id,
                code="C-1",
                issued_at=at,
                expires_at=until,
                used_at=at,
            )
        )


def settings_of(folder):
    return Settings(data_dir=folder, crm=CrmSettings(batch_size=50))
