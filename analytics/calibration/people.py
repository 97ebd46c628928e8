"""The figures of a range in people, where a count by hand holds for all of it."""

import dataclasses
import datetime as dt

from analytics.calibration import calibration, calibration_report
from analytics.figures.period_report import PeriodReport
from analytics.figures.report import Estimate
from core.database import Database
from core.settings import Settings


@dataclasses.dataclass(frozen=True, slots=True)
class People:
    """Calibrated, from the figures of devices that stand beside it."""

    visitors: Estimate
    passers_by: Estimate


NOT_KNOWN = People(Estimate(), Estimate())


def of_range(
    database: Database, settings: Settings, whole: PeriodReport, now: dt.datetime
) -> People:
    """Visitors and passers-by in people; none if the range begins before what still holds.

    Since the earliest session that counts, nothing has changed that would make it stale.
    """
    if whole.first < settings.today(now - 2 * calibration_report.FRESH):
        # The newest session may be so old, and the earliest that counts beside it, too.
        return NOT_KNOWN
    known = calibration_report.find(database, settings, now)
    held_since = min(
        (line.day for line in known.lines if not line.stale and not line.unusable), default=None
    )
    if held_since is None or whole.first < held_since:
        return NOT_KNOWN
    return People(
        calibration.people(whole.visitors, known.visitors_in_force),
        calibration.people(whole.passers_by, known.passers_by_in_force),
    )
