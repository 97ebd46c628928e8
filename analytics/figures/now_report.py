"""How many devices are in the store now, as anybody may see it: it has passed suppression."""

import dataclasses
import datetime as dt

from analytics.figures import suppression
from analytics.figures.report import Estimate
from core.database import Database
from core.models.traffic import TrafficNow
from core.settings import Settings

# The figure is made anew every `jobs.roll_up_every_s`; one that is much older is of a job
# that has stopped.
OLD_AFTER = dt.timedelta(minutes=5)

_ROW = 1


@dataclasses.dataclass(frozen=True, slots=True)
class NowReport:
    at: dt.datetime
    devices: Estimate


def find(database: Database, settings: Settings, now: dt.datetime) -> NowReport | None:
    """None: nobody has counted of late."""
    old_after = max(OLD_AFTER, dt.timedelta(seconds=2 * settings.jobs.roll_up_every_s))
    with database.reading() as session:
        row = session.get(TrafficNow, _ROW)
    if row is None or now - row.at > old_after:
        return None
    return NowReport(row.at, _shown(row, settings.traffic.suppress_below))


def _shown(row: TrafficNow, k: int) -> Estimate:
    """Every number to a multiple of `k`, the ends outwards: none tells of a single device."""
    devices = suppression.rounded(row.devices, k)
    if devices is None:
        return Estimate()
    return Estimate(devices, min(row.low // k * k, devices), max(-(-row.high // k) * k, devices))
