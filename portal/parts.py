"""All that the portal needs, in one frozen object, so that a test can swap any of it."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Protocol

from core.database import Database
from core.sealing import Sealer
from core.secret_file import Secrets
from core.settings import Settings
from core.texts import Texts
from portal import admission, passes
from portal.admission import Admission
from portal.agreement import Agreement
from portal.arrival import Arrival
from portal.campaigns import CampaignDesk
from portal.login import LoginDesk
from portal.neighbours import Neighbours
from portal.passes import PassDesk
from portal.sms.carriers import Carriers
from portal.sources import SourceDesk


class Gate(admission.Gate, passes.Gate, Protocol):
    """What the portal needs of the gate's client."""


@dataclasses.dataclass(frozen=True, slots=True)
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

    @property
    def login_desk(self) -> LoginDesk:
        return LoginDesk(self.settings.sms, self.sealer, self.secrets.code_key)

    @property
    def agreement(self) -> Agreement:
        return Agreement(
            self.sealer,
            self.texts,
            self.settings.store,
            self.settings.plans,
            self.arrival,
        )

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
    def admission(self) -> Admission:
        return Admission(self.gate, self.database, self.sealer)

    @property
    def pass_desk(self) -> PassDesk:
        return PassDesk(self.settings.passes, self.database, self.sealer, self.gate)
