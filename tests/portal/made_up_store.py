"""A store where people log in, agree, change their minds, and a CRM that hears of it by and by."""

import datetime as dt
import json
from pathlib import Path

from core import erasure
from core.account import Account, AccountKind
from core.mac import Mac
from core.models import login as logins
from core.models.campaign import Campaign
from core.models.grant import Grant
from core.models.identity import Identity, IdentityKind
from core.models.login import Login, LoginState, LoginWay
from core.models.member import Member
from core.outbox import EventType
from core.sealing import Sealer
from core.setting_groups.campaigns import CampaignSettings
from core.setting_groups.plans import PlansSettings
from core.setting_groups.store import StoreSettings
from core.settings import Settings
from crm import delivery
from crm.backoff import Backoff
from crm.shape import Answer, Outcome, TemporaryCrmError
from portal import devices
from portal.access import visits
from portal.members.consent_wording import Wordings
from portal.my_data import corrections, fresh_proof
from portal.promotion import clicks
from portal.promotion.arrival import Arrival
from portal.promotion.sources import SourceDesk
from portal.ways.agreement import Agreement, Choice
from portal.wechat import unfollowing
from portal.wechat.shape import WechatWithdrawal

APP = "wx0123456789abcdef"
STORE = StoreSettings(id="store-7")


class Crm:
    """Takes everything, unless it is down; shows each event to `watch` as it leaves the store."""

    def __init__(self, watch):
        self.watch, self.is_down, self.had = watch, False, []
        self.takes = frozenset(EventType)
        self.at_once = 1

    def send(self, batch):
        if self.is_down:
            raise TemporaryCrmError("down")
        for event in batch:
            self.watch(event)
        self.had += [event.envelope() for event in batch]
        return {event.id: Answer(Outcome.ACCEPTED) for event in batch}


def _look_away(_event):
    pass


class Relay:
    """Tells once that somebody follows no longer."""

    def __init__(self, openid, at):
        self.waiting = [WechatWithdrawal(1, APP, openid, at)]

    def withdrawals(self, done, _now):
        return [each for each in self.waiting if each.number not in done]


class MadeUpStore:
    def __init__(self, database, texts, now, folder: Path, sealer=None):
        self.database, self.now = database, now
        self.sealer = sealer or Sealer(bytes([1]) * 32)
        self.settings = Settings(data_dir=folder, store={"id": STORE.id})
        self.arrival = Arrival(self.sealer, STORE, CampaignSettings())
        self.agreement = Agreement(
            self.sealer, Wordings(texts, STORE, 14), STORE, PlansSettings(), self.arrival
        )
        self.crm = Crm(_look_away)

    def log_in(self, device, number, *ticked, wechat=None, source=None):
        """Somebody proves a number, and perhaps a WeChat account with it."""
        self.now += dt.timedelta(minutes=5)
        mac = Mac(b"\x02\xca\xfe\xca\xfe" + bytes([device]))
        with self.database.writing() as session:
            row = devices.find_or_make(session, self.sealer, mac, self.now)
            if source is not None:
                desk = SourceDesk(self.sealer, STORE.id, CampaignSettings())
                desk.enter(session, row, desk.find(session, source), self.now)
            login = self._login(row, number, wechat)
            session.add(login)
            session.flush()
            choice = Choice(frozenset(ticked), "zh")
            self.agreement.conclude(session, row, login, choice, now=self.now)

    def withdraw(self, number, purpose):
        with self.database.writing() as session:
            found = self._dossier(session, number)
            corrections.withdraw(
                session, self.sealer, found, purpose, store_id=STORE.id, now=self.now
            )

    def change_number(self, number, new):
        with self.database.writing() as session:
            found = self._dossier(session, number)
            proof = self._prove(session, new)
            corrections.change_account(
                session, self.sealer, found, proof, store_id=STORE.id, now=self.now
            )

    def erase(self, number):
        with self.database.writing() as session:
            member = self.member_of(session, number)
            if member is not None:
                erasure.erase(
                    session, self.sealer, member.public_id, store_id=STORE.id, now=self.now
                )

    def unfollow(self, wechat):
        relay = Relay(f"o-{wechat}", self.now)
        unfollowing.heed(self.database, self.sealer, relay, STORE.id, self.now)

    def click(self, number):
        with self.database.writing() as session:
            member = self.member_of(session, number)
            clicks.tell(
                session,
                self.sealer,
                session.query(Campaign).first(),
                member and member.id,
                store_id=STORE.id,
                now=self.now,
            )

    def use(self):
        """All phones have been active until now."""
        with self.database.writing() as session:
            session.query(Grant).update({"last_active_at": self.now})
        visits.Desk(self.sealer, STORE.id).turn(self.database, self.now)

    def wait(self, minutes):
        self.now += dt.timedelta(minutes=minutes)
        visits.Desk(self.sealer, STORE.id).turn(self.database, self.now)

    def deliver(self):
        # However long the CRM asked us to wait.
        self.now += dt.timedelta(hours=1)
        delivery.deliver(
            self.database, self.sealer, self.crm, self.settings, lambda: self.now, backoff=Backoff()
        )

    def member_of(self, session, number):
        lookup = self.sealer.lookup("phone", number.encode())
        key = session.query(Identity).filter_by(kind=IdentityKind.PHONE, lookup=lookup).first()
        return key and session.get(Member, key.member_id)

    def _dossier(self, session, number):
        return fresh_proof.dossier_by(session, self.sealer, self._prove(session, number), self.now)

    def _prove(self, session, number):
        """As for "My data"."""
        device = devices.find_or_make(session, self.sealer, Mac(b"\x02\0\0\0\0\x63"), self.now)
        login = self._login(device, number, None)
        session.add(login)
        session.flush()
        return login

    def _login(self, device, number, wechat):
        account = Account(AccountKind.PHONE, number)
        keys = wechat and {"unionid": f"u-{wechat}", "openid": f"{APP}:o-{wechat}"}
        return Login(
            device_id=device.id,
            state=LoginState.VERIFIED,
            way=LoginWay.SMS,
            language="zh",
            account_lookup=account.lookup(self.sealer),
            sealed_account=account.sealed(self.sealer, logins.ACCOUNT),
            sealed_keys=keys and self.sealer.seal(logins.KEYS, json.dumps(keys).encode()),
            started_at=self.now,
            terms_accepted_at=self.now,
            verified_at=self.now,
        )
