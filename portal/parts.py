"""All that the portal needs, in one frozen object, so that a test can swap any of it."""

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable
from typing import Protocol

from core.database import Database
from core.do_not_count import DoNotCountKey
from core.mail import Mail
from core.sealing import Sealer
from core.secret_file import Secrets
from core.settings import Settings
from core.texts import Texts
from gate.client import Redirected
from portal.access import admission, passes
from portal.access.admission import Admission
from portal.access.passes import PassDesk
from portal.members.consent_wording import Earlier, Wordings
from portal.neighbours import Neighbours
from portal.opt_outs import OptOutDesk
from portal.phone_count import PhoneCount
from portal.promotion.arrival import Arrival
from portal.promotion.campaigns import CampaignDesk
from portal.promotion.sources import SourceDesk
from portal.sms.carriers import Carriers
from portal.ways.agreement import Agreement
from portal.ways.login import LoginDesk
from portal.ways.returning import ReturnDesk
from portal.ways.sponsoring import SponsorDesk
from portal.ways.vouchers import VoucherDesk
from portal.wechat.desk import WechatDesk
from portal.wechat.shape import WechatRelay


class Gate(admission.Gate, passes.Gate, Protocol):
    """What the portal needs of the gate's client. May raise GateError."""

    def vouch(self, redirected: Redirected) -> str | None: ...


@dataclasses.dataclass(frozen=True)
class Parts:
    settings: Settings
    database: Database
    sealer: Sealer
    secrets: Secrets
    gate: Gate
    neighbours: Neighbours
    sms: Carriers | None
    """None: this store has no carrier, and the page says so."""
    texts: Texts
    clock: Callable[[], dt.datetime]
    mail: Mail | None = None
    """None: this store sends no mail."""
    wechat: WechatRelay | None = None
    """None: this store has no login by WeChat."""
    earlier_wording: Earlier | None = None
    """What shoppers read before headquarters' newest version was gone by."""

    @property
    def login_desk(self) -> LoginDesk:
        return LoginDesk(self.settings.sms, self.sealer, self.secrets.code_key)

    @property
    def wechat_desk(self) -> WechatDesk:
        return WechatDesk(self.settings.wechat, self.settings.store.countries, self.sealer)

    @functools.cached_property
    def wordings(self) -> Wordings:
        return Wordings(
            self.texts,
            self.settings.store,
            self.settings.minimum_age,
            self.earlier_wording,
        )

    @property
    def agreement(self) -> Agreement:
        return Agreement(
            self.sealer,
            self.wordings,
            self.settings.store,
            self.settings.plans,
            self.arrival,
        )

    @property
    def voucher_desk(self) -> VoucherDesk:
        return VoucherDesk(self.sealer, self.settings.plans, self.agreement)

    @property
    def sponsor_desk(self) -> SponsorDesk:
        return SponsorDesk(self.sealer)

    @property
    def return_desk(self) -> ReturnDesk:
        return ReturnDesk(self.settings.ways, self.sealer, self.wordings, self.agreement)

    @property
    def arrival(self) -> Arrival:
        return Arrival(self.sealer, self.settings.store, self.settings.campaigns)

    @property
    def campaign_desk(self) -> CampaignDesk:
        return CampaignDesk(self.settings.store, self.settings.campaigns)

    @property
    def source_desk(self) -> SourceDesk:
        return SourceDesk(self.sealer, self.settings.store.id, self.settings.campaigns)

    @property
    def opt_out_desk(self) -> OptOutDesk:
        key = DoNotCountKey.of_store(self.secrets.lookup_key)
        return OptOutDesk(key, self.settings.sensor.do_not_count_days, self.settings.store.zone)

    @property
    def phone_count(self) -> PhoneCount:
        return PhoneCount(self.sealer, self.settings.store.zone)

    @property
    def admission(self) -> Admission:
        return Admission(self.gate, self.database, self.sealer)

    @property
    def pass_desk(self) -> PassDesk:
        return PassDesk(self.settings.passes, self.database, self.sealer, self.gate)
