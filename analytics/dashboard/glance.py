"""What the first page says: the store now, and the day so far beside the same of a week ago.

No Flask. Everything here is made of figures that may be seen.
"""

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping

import sqlalchemy as sa

from analytics.dashboard.online import Gate
from analytics.figures import now_report, report, suppression
from analytics.figures.now_report import NowReport
from analytics.figures.report import DayReport, Estimate, HourReport
from core.database import Database
from core.models.traffic import PresenceHour, TrafficDay
from core.settings import Settings
from gate.client import GateError

A_WEEK = dt.timedelta(days=7)
_AN_HOUR = dt.timedelta(hours=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Now:
    store: NowReport | None
    """None: nobody has counted in the last minutes."""
    online: int | None
    """Phones that the gate lets through; None if that is too few to show."""
    gate_answers: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class SoFar:
    """The hours of a day that are over and show the figure, beside the same hours of another."""

    until: dt.datetime
    this: Estimate
    other: Estimate

    @property
    def change(self) -> float | None:
        """A share: 0.1 is a tenth more."""
        if self.this.value is None or not self.other.value:
            return None
        return self.this.value / self.other.value - 1

    @property
    def is_clear(self) -> bool:
        """Whether more than chance lies between the two, as far as their intervals tell chance."""
        if not self.this.value or not self.other.value:
            return False
        apart = math.log(self.this.value / self.other.value)
        return abs(apart) > math.hypot(_half_width(self.this), _half_width(self.other))


def now(database: Database, settings: Settings, gate: Gate, at: dt.datetime) -> Now:
    found = now_report.find(database, settings, at)
    try:
        online = len(gate.online())
    except GateError:
        return Now(found, None, gate_answers=False)
    return Now(found, suppression.rounded(online, settings.traffic.suppress_below))


def state(database: Database, settings: Settings, at: dt.datetime) -> str:
    """A word that changes whenever today's figures have changed."""
    day = settings.today(at)
    with database.reading() as session:
        updated_at = session.scalar(sa.select(TrafficDay.updated_at).where(TrafficDay.day == day))
    return f"{day}" if updated_at is None else f"{day} {updated_at:%H:%M:%S}"


def has_day_before(database: Database, day: dt.date) -> bool:
    """Whether anything was counted before it, strict mode included."""
    conditions = (TrafficDay.day < day, PresenceHour.day < day)
    with database.reading() as session:
        return any(session.scalar(sa.select(sa.exists().where(each))) for each in conditions)


def so_far(
    this: DayReport | None, other: DayReport | None, name: str, at: dt.datetime
) -> SoFar | None:
    """None: there is no hour that is over and shows the figure on both days.

    Hours in which the sensor was deaf on either day stand beside nothing.

    Args:
        this: the running day.
        other: the day to set it beside.
        name: of the figure, `visitors` or `passers_by`.
        at: up to when hours count as over.
    """
    if this is None or other is None:
        return None
    others = _by_clock(other, name)
    over = [hour for hour in this.hours if hour.start + _AN_HOUR <= at]
    pairs = [
        (getattr(hour, name), others[_clock(hour)])
        for hour in over
        if _is_told(hour, name) and _clock(hour) in others
    ]
    if not pairs:
        return None
    mine, theirs = (sum(each[side] for each in pairs) for side in (0, 1))
    estimate = report.of_visitors if name == "visitors" else report.of_passers_by
    return SoFar(over[-1].start + _AN_HOUR, estimate(mine), estimate(theirs))


def _half_width(estimate: Estimate) -> float:
    """Of a 95 % interval, in logarithms."""
    return math.log((estimate.high or 1) / max(estimate.low or 1, 1)) / 2


def _by_clock(day: DayReport, name: str) -> Mapping[tuple[int, int], int]:
    return {_clock(hour): getattr(hour, name) for hour in day.hours if _is_told(hour, name)}


def _is_told(hour: HourReport, name: str) -> bool:
    """Whether the hour shows the figure, and the sensor heard."""
    is_deaf = hour.heard_s is not None and hour.heard_s < report.DEAF_S
    return getattr(hour, name) is not None and not is_deaf


def _clock(hour: HourReport) -> tuple[int, int]:
    """The hour on the store's clock; the second one of a night that has it twice is `fold` 1."""
    return hour.start.hour, hour.start.fold
