"""Hours in which the sensor ought to have heard, and did not.

With opening hours, those are the hours in which the store was open. Without them, the hours in
which it usually hears: a store whose power is off at night is not deaf by night. Never hours
up to the first that this store's sensor ever heard, for before that there was none.
"""

import collections
import datetime as dt
import itertools
import zoneinfo
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.traffic import TrafficDay, TrafficHour
from core.opening_hours import OpeningHours
from core.settings import Settings

DEAF_S = 1800
"""Who hears for fewer seconds of an hour has not heard the hour."""
_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
# What is usual is told from so many days before, if this many of them are known.
_USUAL_DAYS, _FEWEST = 14, 3


class Hour(NamedTuple):
    """One that was not heard."""

    day: dt.date
    start: dt.datetime


def find(
    session: Session, settings: Settings, days: Sequence[TrafficDay]
) -> Mapping[dt.date, tuple[dt.datetime, ...]]:
    """When each of them began, in the store's zone, by the days that have any.

    Args:
        session: where the hours are.
        settings: the store's.
        days: in their order. Of one that runs, hours that are over are judged.
    """
    if not days:
        return {}
    ends = days[0].day - _USUAL_DAYS * _DAY, days[-1].day
    zone, when_open = settings.store.zone, settings.store.hours
    found = _not_heard(session, *ends)
    if when_open is None:
        found = unusual(found, _told(session, *ends), zone)
    else:
        found = while_open(found, when_open, zone)
    over = {each.day: each.closed_at or each.updated_at for each in days}
    ended = [each for each in found if each.day in over and each.start + _HOUR <= over[each.day]]
    begins = _first_heard(session) if ended else None
    silent: dict[dt.date, list[dt.datetime]] = collections.defaultdict(list)
    for each in ended:
        if begins is not None and each.start > begins:
            silent[each.day].append(each.start.astimezone(zone))
    return {day: tuple(starts) for day, starts in silent.items()}


def while_open(
    hours: Iterable[Hour], when_open: OpeningHours, zone: zoneinfo.ZoneInfo
) -> list[Hour]:
    """Those of the hours in which the store was open, for a part at least."""
    found = []
    for day, of_day in itertools.groupby(hours, key=lambda each: each.day):
        spans = when_open.on(day, zone)
        found += [
            each
            for each in of_day
            if any(opens < each.start + _HOUR and each.start < closes for opens, closes in spans)
        ]
    return found


def unusual(hours: Iterable[Hour], days: Iterable[dt.date], zone: zoneinfo.ZoneInfo) -> list[Hour]:
    """Those that were heard on most days before, and on one of their weekday if that is known.

    Args:
        hours: in their order, of the days in question and of two weeks before.
        days: all of which it is known who heard, in their order.
        zone: the store's.
    """
    of_day: dict[dt.date, list[tuple[int, Hour]]] = collections.defaultdict(list)
    for each in hours:
        of_day[each.day].append((each.start.astimezone(zone).hour, each))
    found = []
    before: collections.deque[tuple[dt.date, frozenset[int]]] = collections.deque()
    for day in days:
        while before and before[0][0] < day - _USUAL_DAYS * _DAY:
            before.popleft()
        silent = of_day.get(day, [])
        found += [each for clock, each in silent if _is_heard(clock, day.weekday(), before)]
        before.append((day, frozenset(clock for clock, _ in silent)))
    return found


def _is_heard(clock: int, weekday: int, before: Collection[tuple[dt.date, frozenset[int]]]) -> bool:
    """Usually, by the days before and which of their hours were silent."""
    heard = [clock not in silent for _, silent in before]
    likes = [clock not in silent for day, silent in before if day.weekday() == weekday]
    return len(heard) >= _FEWEST and 2 * sum(heard) > len(heard) and (any(likes) or not likes)


def _not_heard(session: Session, first: dt.date, last: dt.date) -> list[Hour]:
    wanted = sa.select(TrafficHour.day, TrafficHour.start).where(
        TrafficHour.day.between(first, last), TrafficHour.heard_s < DEAF_S
    )
    return [Hour._make(row) for row in session.execute(wanted.order_by(TrafficHour.start))]


def _told(session: Session, first: dt.date, last: dt.date) -> list[dt.date]:
    """Days of which it is known who heard."""
    wanted = sa.select(TrafficDay.day).where(
        TrafficDay.day.between(first, last), TrafficDay.heard_s.is_not(None)
    )
    return list(session.scalars(wanted.order_by(TrafficDay.day)))


def _first_heard(session: Session) -> dt.datetime | None:
    wanted = sa.select(TrafficHour.start).where(TrafficHour.heard_s > 0)
    return session.scalar(wanted.order_by(TrafficHour.start).limit(1))
