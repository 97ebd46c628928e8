"""All that the portal needs, in one frozen object, so that a test can swap any of it."""

import dataclasses
import datetime as dt
from collections.abc import Callable

from core.database import Database
from core.sealing import Sealer
from core.secret_file import Secrets
from core.settings import Settings
from core.texts import Texts
from portal.admission import Admission, Gate
from portal.agreement import Agreement
from portal.login import LoginDesk
from portal.neighbours import Neighbours
from portal.sms.shape import SmsProvider


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    settings: Settings
    database: Database
    sealer: Sealer
    secrets: Secrets
    gate: Gate
    neighbours: Neighbours
    sms: SmsProvider | None
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
            self.settings.store.id,
            dt.timedelta(seconds=self.settings.plans.guest.session_length_s),
        )

    @property
    def admission(self) -> Admission:
        return Admission(self.gate, self.database, self.sealer)
