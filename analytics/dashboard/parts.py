"""What the dashboard's views work with: one frozen object, swapped whole in tests."""

import dataclasses
import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from flask import current_app

from analytics import wording
from analytics.dashboard.online import Gate
from analytics.dashboard.preview import Preview
from core import clock
from core.database import Database
from core.sealing import Sealer
from core.secret_file import Secrets
from core.settings import Settings
from core.texts import Texts

FOLDER = Path(__file__).parent
NAME = "doorman_parts"


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


def wired() -> Parts:
    """The parts of the application that answers the present request."""
    return cast("Parts", current_app.extensions[NAME])
