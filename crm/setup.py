"""What a connector is made of."""

import dataclasses
import datetime as dt
from collections.abc import Callable

from core.settings import Settings
from crm.records import Records


@dataclasses.dataclass(frozen=True, slots=True)
class Setup:
    """Given to `connect(setup)` of each module in `crm.connectors`."""

    settings: Settings
    records: Records
    """This connector's own."""
    clock: Callable[[], dt.datetime]
