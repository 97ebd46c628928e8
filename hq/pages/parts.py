"""What the fleet pages' views work with: one frozen object, swapped whole in tests."""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import cast

from analytics import wording
from analytics.dashboard.parts import FOLDER as DASHBOARD
from analytics.dashboard.sign_ins import Lifetime
from analytics.dashboard.site import site
from analytics.reports.words import FOLDER as REPORTS
from core import clock
from core.database import Database
from core.sealing import Sealer
from core.setting_groups.hq_pages import PagesSettings
from core.texts import Texts

FOLDER = Path(__file__).parent


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    settings: PagesSettings
    database: Database
    """Headquarters' own."""
    sealer: Sealer
    form_key: bytes
    """Signs the cookie."""
    texts: Texts = dataclasses.field(
        default_factory=lambda: wording.load(
            REPORTS / "texts", DASHBOARD / "texts", FOLDER / "texts"
        )
    )
    clock: Callable[[], dt.datetime] = clock.now

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def language(self) -> str:
        return self.settings.language

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.settings.time_zone)

    @property
    def lifetime(self) -> Lifetime:
        return Lifetime(
            longest=dt.timedelta(hours=self.settings.sign_in_hours),
            idle=dt.timedelta(minutes=self.settings.idle_minutes),
        )

    @property
    def requires_codes(self) -> bool:
        return self.settings.require_codes

    @property
    def today(self) -> dt.date:
        """The date at headquarters: days of stores that have ended lie before it."""
        return self.clock().astimezone(self.zone).date()


def wired() -> Parts:
    """The parts of the application that answers the present request."""
    return cast("Parts", site())
