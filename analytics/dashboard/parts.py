"""What the dashboard's views work with: one frozen object, swapped whole in tests."""

import dataclasses
import datetime as dt
import time
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import cast

from analytics import wording
from analytics.dashboard.online import Gate
from analytics.dashboard.preview import Preview
from analytics.dashboard.sign_ins import Lifetime
from analytics.dashboard.site import site
from core import clock
from core.database import Database
from core.sealing import Sealer
from core.secret_file import Secrets
from core.settings import Settings
from core.texts import Texts

FOLDER = Path(__file__).parent


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    settings: Settings
    database: Database
    sealer: Sealer
    secrets: Secrets
    gate: Gate
    preview: Preview | None = None
    """None: campaigns cannot be looked at before shoppers see them."""
    texts: Texts = dataclasses.field(default_factory=lambda: wording.load(FOLDER / "texts"))
    clock: Callable[[], dt.datetime] = clock.now
    pause: Callable[[float], None] = time.sleep

    @property
    def name(self) -> str:
        return self.settings.store.name

    @property
    def language(self) -> str:
        return self.settings.store.language

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return self.settings.store.zone

    @property
    def form_key(self) -> bytes:
        return self.secrets.form_key

    @property
    def lifetime(self) -> Lifetime:
        rules = self.settings.dashboard
        return Lifetime(
            longest=dt.timedelta(hours=rules.sign_in_hours),
            idle=dt.timedelta(minutes=rules.idle_minutes),
        )

    @property
    def requires_codes(self) -> bool:
        return self.settings.dashboard.require_codes


def wired() -> Parts:
    """The parts of the application that answers the present request."""
    return cast("Parts", site())
