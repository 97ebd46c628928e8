"""A made-up year at a shop, as counted rows: something to look at before a store has its own.

Days follow the week, the season and the holidays; hours follow the day. In it happens what
happens in a year: a new window draws more people in, the sensor is broken for three days and
an afternoon, the shop is shut for some days. Nothing of it comes from a capture, so nothing is
to be learnt from it.
"""

import dataclasses
import datetime as dt
import math
import random
import zoneinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock
from core.models.attribution import Source, SourceKind
from core.models.day_note import DayNote, NoteKind
from core.models.portal_day import EnrolmentDay, PortalDay
from core.models.traffic import TrafficDay, TrafficHour

DAYS = 400
"""A year, and enough before it to compare with."""

_WORDS = {
    "zh": ("换了新橱窗", "春节放假", "周年庆活动", "小林", "收银台海报", "门口海报"),
    "en": ("New window", "Closed for the holidays", "Anniversary", "Lin", "Till", "Door"),
}

_VISITORS_A_DAY = 140.0
_PASSERS_BY_A_DAY = 1150.0
# Monday to Sunday.
_WEEK = (0.82, 0.8, 0.84, 0.9, 1.1, 1.42, 1.34)
# Parts of a day's visitors and of its passers-by, from ten in the morning on.
_OPENS = 10
_VISITORS_AT = (3, 6, 9, 9, 8, 9, 9, 10, 12, 12, 9, 4)
_PASSERS_BY_AT = (6, 7, 9, 9, 8, 8, 8, 10, 11, 10, 8, 6)
_PASSERS_BY_BEFORE = 0.08
_LOOKED_IN = 0.06
_LEFT_SOON = 0.3
_INSIDE_H = 0.28
_LONGER = (0.29, 0.07, 0.004)
_DWELL_S = (500, 840, 1560)

# When things happened, in days before the last.
_NEW_WINDOW, _DRAWS_MORE = 120, 1.3
_SHUT = range(270, 275)
_PARTY = range(60, 63)
_BROKEN = range(33, 36)
_HALF_BROKEN = 19
_BROKEN_FROM_HOUR = 5
_SHOWN_ONLY_THEN = 0.25


@dataclasses.dataclass(frozen=True, slots=True)
class Year:
    """The same seed makes the same year."""

    zone: zoneinfo.ZoneInfo
    last: dt.date
    seed: int = 1
    days: int = DAYS
    language: str = "zh"

    def fill(self, session: Session) -> None:
        """Add the year's rows; a day that is there already stays as it is."""
        rng = random.Random(self.seed)  # noqa: S311 - a made-up year keeps no secret
        known = set(session.scalars(sa.select(TrafficDay.day)))
        sources = self._sources(session)
        for ago in reversed(range(self.days)):
            day = self.last - dt.timedelta(days=ago)
            if ago in _BROKEN or day in known:
                continue
            hours = self._hours(rng, day, ago)
            traffic = _traffic_day(rng, day, hours, clock.day_bounds(day, self.zone)[1])
            portal = _portal_day(rng, traffic)
            session.add_all([*hours, traffic, portal])
            session.add_all(_enrolments(rng, portal, sources))

    def _sources(self, session: Session) -> list[Source]:
        window, shut, party, *names = _WORDS[self.language]
        at = clock.day_bounds(self.last, self.zone)[0] - dt.timedelta(days=self.days)
        for first, last, kind, text in (
            (_NEW_WINDOW, _NEW_WINDOW, NoteKind.WINDOW, window),
            (_SHUT[-1], _SHUT[0], NoteKind.CLOSED, shut),
            (_PARTY[-1], _PARTY[0], NoteKind.CAMPAIGN, party),
        ):
            begun, ended = (self.last - dt.timedelta(days=ago) for ago in (first, last))
            note = DayNote(first=begun, last=ended, kind=kind, text=text, written_at=at)
            session.add(note)
        kinds = (SourceKind.GUIDE, SourceKind.POSTER, SourceKind.POSTER)
        found = [
            Source(kind=kind, name=name, code=f"year-{self.seed}-{number}", created_at=at)
            for number, (kind, name) in enumerate(zip(kinds, names, strict=True))
        ]
        session.add_all(found)
        session.flush()
        return found

    def _hours(self, rng: random.Random, day: dt.date, ago: int) -> list[TrafficHour]:
        season = 1 + 0.12 * math.sin(2 * math.pi * (day.timetuple().tm_yday - 60) / 365)
        growth = 1 - 0.1 * ago / 365
        level = _WEEK[day.weekday()] * season * growth * rng.lognormvariate(0, 0.08)
        passers_by = _PASSERS_BY_A_DAY * level
        visitors = _VISITORS_A_DAY * level * (_DRAWS_MORE if ago <= _NEW_WINDOW else 1)
        visitors *= 0 if ago in _SHUT else 1.5 if ago in _PARTY else 1
        rows = []
        for number, start in enumerate(clock.hour_starts(day, self.zone)):
            open_for = start.astimezone(self.zone).hour - _OPENS
            is_open = 0 <= open_for < len(_VISITORS_AT)
            came, passed = 0.0, passers_by * _PASSERS_BY_BEFORE / 12 * (number > _BROKEN_FROM_HOUR)
            if is_open:
                came = visitors * _VISITORS_AT[open_for] / sum(_VISITORS_AT)
                passed = passers_by * _PASSERS_BY_AT[open_for] / sum(_PASSERS_BY_AT)
            heard_s = 3600
            if ago == _HALF_BROKEN and open_for >= _BROKEN_FROM_HOUR:
                came, passed, heard_s = 0.0, 0.0, 0
            rows.append(_hour(rng, start, day, (came, passed), heard_s))
        return rows


def _hour(
    rng: random.Random,
    start: dt.datetime,
    day: dt.date,
    expected: tuple[float, float],
    heard_s: int,
) -> TrafficHour:
    visitors, passers_by = (_poisson(rng, mean) for mean in expected)
    entries = min(visitors + _poisson(rng, visitors * _LOOKED_IN), visitors + passers_by)
    return TrafficHour(
        start=start,
        day=day,
        passers_by=passers_by,
        visitors=visitors,
        entries=entries,
        bounces=sum(rng.random() < _LEFT_SOON for _ in range(visitors)),
        inside_mean=round(visitors * _INSIDE_H, 2),
        heard_s=heard_s,
    )


def _traffic_day(
    rng: random.Random, day: dt.date, hours: list[TrafficHour], end: dt.datetime
) -> TrafficDay:
    visitors = sum(hour.visitors for hour in hours)
    entries = sum(hour.entries or 0 for hour in hours)
    middling, long, longest = (round(visitors * part * rng.uniform(0.9, 1.1)) for part in _LONGER)
    q1, median, q3 = (round(value * rng.uniform(0.94, 1.06)) for value in _DWELL_S)
    passers_by = sum(hour.passers_by for hour in hours)
    return TrafficDay(
        day=day,
        # As often as phones of the scene speak, which yesterday and today are made of.
        probe_requests=round((visitors * 200 + passers_by * 30) * rng.uniform(0.9, 1.1)),
        fixtures=14,
        passers_by=passers_by,
        visitors=visitors,
        entries=entries,
        bounces=sum(hour.bounces or 0 for hour in hours),
        dwell_q1_s=q1 if visitors else None,
        dwell_median_s=median if visitors else None,
        dwell_q3_s=q3 if visitors else None,
        dwell_under_5_min=entries - visitors,
        dwell_5_to_20_min=visitors - middling - long - longest,
        dwell_20_to_60_min=middling,
        dwell_1_to_6_h=long,
        dwell_over_6_h=longest,
        inside_dbm=-62,
        outside_dbm=-86,
        heard_s=sum(hour.heard_s or 0 for hour in hours),
        updated_at=end,
        closed_at=end + dt.timedelta(minutes=31),
    )


def _portal_day(rng: random.Random, traffic: TrafficDay) -> PortalDay:
    def part(whole: int, share: float) -> int:
        return min(whole, round(whole * share * rng.uniform(0.9, 1.1)))

    saw = part(traffic.visitors, 0.42)
    asked = part(saw, 0.7)
    online = part(asked, 0.92)
    member = part(online, 0.66)
    back = [part(member, share) for share in (0.12, 0.11, 0.08, 0.03)]
    enrolled = max(0, member - sum(back))
    marketing = part(member, 0.55)
    return PortalDay(
        day=traffic.day,
        saw=saw,
        asked=asked,
        online=online,
        member=member,
        marketing=marketing,
        clicked=part(marketing, 0.3),
        first_visit=part(enrolled, 0.5),
        back_7=back[0],
        back_30=back[1],
        back_90=back[2],
        back_later=back[3],
        enrolled=enrolled,
        updated_at=traffic.updated_at,
        closed_at=traffic.closed_at,
    )


def _enrolments(rng: random.Random, portal: PortalDay, sources: list[Source]) -> list[EnrolmentDay]:
    shares = [rng.random() * weight for weight in (5, 3, 2)]
    return [
        EnrolmentDay(
            day=portal.day,
            source_id=source.id,
            members=int(portal.enrolled * 0.8 * share / sum(shares)),
        )
        for source, share in zip(sources, shares, strict=True)
    ]


def _poisson(rng: random.Random, mean: float) -> int:
    """Knuth's way for few; for many, the normal distribution is near enough."""
    if mean > 30:  # noqa: PLR2004 - where the two look alike
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    count, left = 0, rng.random()
    while left > math.exp(-mean):
        left *= rng.random()
        count += 1
    return count
