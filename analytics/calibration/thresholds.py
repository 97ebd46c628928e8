"""Which two thresholds of the signal hold, and where each comes from. No pandas.

    settings file or environment  >  accepted walk  >  learnt from the data  >  default

The file comes first: whoever wrote a number there by hand meant it. A walk holds until it is
withdrawn or the sensor is moved.
"""

import dataclasses
import datetime as dt
import enum
import hashlib

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics.calibration import sensor_moves
from core.models.day_note import DayNote
from core.models.walk import Walk
from core.setting_groups.traffic import TrafficSettings
from core.settings import Settings

# How visits are made, beside the thresholds. What is changed here changes what a device is.
_COUNTING = ("window_s", "visit_gap_s", "visitor_after_s", "fixture_after_h")
# Raise it when the same sightings no longer give the same visits: calibrations then are stale.
_METHOD = 2


class Origin(enum.StrEnum):
    FILE = "file"
    """A setting written by hand, or in the environment."""
    WALK = "walk"
    LEARNT = "learnt"
    DEFAULT = "default"


@dataclasses.dataclass(frozen=True, slots=True)
class Thresholds:
    inside_dbm: int
    outside_dbm: int
    inside_from: Origin
    outside_from: Origin
    walk: Walk | None
    """The newest accepted one, whether or not a threshold is its."""
    ended_by: DayNote | None
    """The move of the sensor since which that walk holds no longer."""

    @property
    def holding(self) -> Walk | None:
        return None if self.ended_by else self.walk


def in_force(
    session: Session,
    settings: Settings,
    day: dt.date,
    learnt: tuple[int, int] | None = None,
) -> Thresholds:
    """The thresholds by which a day is counted.

    Args:
        session: to look up walks, and notes on days.
        settings: of the store.
        day: store-local; the sensor's moves up to it count.
        learnt: inside and outside, as the data has them; None if it is too little.
    """
    rules = settings.traffic
    walk = accepted(session)
    ended_by = _ended_by(session, settings, walk, day) if walk else None
    walked = walk and not ended_by and (walk.inside_dbm, walk.outside_dbm)
    found = []
    for number, name in enumerate(("inside_dbm", "outside_dbm")):
        if name in rules.model_fields_set:
            found.append((getattr(rules, name), Origin.FILE))
        elif walked and walked[number] is not None:
            found.append((walked[number], Origin.WALK))
        elif learnt:
            found.append((learnt[number], Origin.LEARNT))
        else:
            found.append((getattr(rules, name), Origin.DEFAULT))
    (inside, inside_from), (outside, outside_from) = found
    if outside >= inside:
        # Of two origins, they may have crossed; the one by hand stays.
        if outside_from is Origin.FILE:
            inside = outside + 1
        else:
            outside = inside - 1
    return Thresholds(inside, outside, inside_from, outside_from, walk, ended_by)


def rules(
    session: Session,
    settings: Settings,
    day: dt.date,
    learnt: tuple[int, int] | None = None,
) -> TrafficSettings:
    """The settings of traffic, with the thresholds in force put in."""
    found = in_force(session, settings, day, learnt)
    return settings.traffic.model_copy(
        update={"inside_dbm": found.inside_dbm, "outside_dbm": found.outside_dbm}
    )


def accepted(session: Session) -> Walk | None:
    """The newest walk whose thresholds were accepted and not withdrawn."""
    wanted = sa.select(Walk).where(Walk.accepted_at.is_not(None), Walk.withdrawn_at.is_(None))
    return session.scalar(wanted.order_by(Walk.accepted_at.desc(), Walk.id.desc()).limit(1))


def _ended_by(session: Session, settings: Settings, walk: Walk, day: dt.date) -> DayNote | None:
    moved = sensor_moves.last(session, day)
    if moved and walk.begun_at < sensor_moves.over_at(moved, settings.store.zone):
        return moved
    return None


def rules_hash(settings: Settings) -> str:
    """A hash of what a device is, thresholds aside: whether two days count alike."""
    parts = [str(_METHOD), *(str(getattr(settings.traffic, name)) for name in _COUNTING)]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]
