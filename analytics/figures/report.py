"""A day's traffic as anybody may see it: every figure here has passed `figures.suppression`.

The dashboard, the CSV file, `doorman report` and the CRM event are all made from a
DayReport, so that no way out can forget a rule. Each count is rounded by itself, and what is
computed (rates, intervals) is computed from what is shown. It is read from rolled-up rows; no
sighting and no pandas is needed for it.
"""

import collections
import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence

import sqlalchemy as sa

from analytics.figures import csv_table, dwell_buckets, margins, silent_hours, suppression
from core.database import Database
from core.models.traffic import TrafficDay, TrafficHour
from core.settings import Settings

DEAF_S = silent_hours.DEAF_S
_CSV_HEADER = ("store", "day", "hour", "figure", "value", "low", "high", "withheld")


@dataclasses.dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval. All three are None if it is withheld."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class HourReport:
    start: dt.datetime
    """In the store's zone."""
    passers_by: int | None
    visitors: int | None
    inside_mean: int | None = None
    """Devices inside on average."""
    heard_s: int | None = None
    """Seconds in which the sensor heard; None if that is not known."""

    def to_data(self) -> dict[str, object]:
        """JSON-ready, for programs."""
        return {**dataclasses.asdict(self), "start": self.start.isoformat()}

    @property
    def estimated_passers_by(self) -> Estimate:
        """With the interval."""
        return of_passers_by(self.passers_by)

    @property
    def estimated_visitors(self) -> Estimate:
        return of_visitors(self.visitors)


@dataclasses.dataclass(frozen=True, slots=True)
class DayReport:
    """One store-local day. None stands for a figure that is withheld."""

    store: str
    day: dt.date
    withheld_below: int
    updated_at: dt.datetime
    closed_at: dt.datetime | None
    """None while the day runs: its figures still change.

    `passers_by` and `visitors` are then those of the hours that show theirs, and say by `high`
    how many the others may hold. Dwell by bucket, and who bounced, are known once it is closed.
    """
    probe_requests: int
    """To the nearest hundred."""
    fixtures: int | None
    passers_by: Estimate
    visitors: Estimate
    entry_rate: Estimate
    """All who came inside, visitors or not, among all who were near; 0 to 1."""
    dwell_median_s: Estimate
    """The middle visitor's time inside, rounded, once the day is closed.

    `low` and `high` are the quartiles, not an interval.
    """
    dwell_visits: Mapping[str, int | None]
    """Visits that came inside, by time inside; keys as in `DWELL_BUCKETS`."""
    bounces: int | None
    """Visitors who left again soon."""
    heard_s: int | None
    """Seconds in which the sensor heard; None if that is not known."""
    deaf_hours: tuple[dt.datetime, ...]
    """Hours in which the sensor ought to have heard, and did not for half of them."""
    hours: tuple[HourReport, ...]

    @property
    def is_comparable(self) -> bool:
        """Whether it can be set beside other days: it is over, and was heard."""
        return self.closed_at is not None and not self.deaf_hours

    def to_csv(self) -> str:
        """One figure a line; a withheld one has no value and says so."""
        lines = (
            (self.store, self.day, hour, name, *dataclasses.astuple(figure), _withheld(figure))
            for hour, name, figure in self._figures()
        )
        return csv_table.write(_CSV_HEADER, lines)

    def to_data(self) -> dict[str, object]:
        """JSON-ready, for programs."""
        return {
            "store": self.store,
            "day": self.day.isoformat(),
            "withheld_below": self.withheld_below,
            "updated_at": self.updated_at.isoformat(),
            "closed_at": self.closed_at.isoformat() if self.closed_at else None,
            "probe_requests": self.probe_requests,
            "fixtures": self.fixtures,
            "passers_by": dataclasses.asdict(self.passers_by),
            "visitors": dataclasses.asdict(self.visitors),
            "entry_rate": dataclasses.asdict(self.entry_rate),
            "dwell_median_s": dataclasses.asdict(self.dwell_median_s),
            "dwell_visits": dict(self.dwell_visits),
            "bounces": self.bounces,
            "heard_s": self.heard_s,
            "hours": [hour.to_data() for hour in self.hours],
        }

    def _figures(self) -> Iterator[tuple[str, str, Estimate]]:
        """Every figure with its hour (empty: of the day) and its name."""
        yield "", "probe_requests", Estimate(self.probe_requests)
        yield "", "fixtures", Estimate(self.fixtures)
        yield "", "passers_by", self.passers_by
        yield "", "visitors", self.visitors
        yield "", "entry_rate", self.entry_rate
        yield "", "dwell_median_s", self.dwell_median_s
        for name, count in self.dwell_visits.items():
            yield "", name, Estimate(count)
        yield "", "bounces", Estimate(self.bounces)
        for hour in self.hours:
            start = hour.start.isoformat(timespec="minutes")
            yield start, "passers_by", Estimate(hour.passers_by)
            yield start, "visitors", Estimate(hour.visitors)
            yield start, "inside_mean", Estimate(hour.inside_mean)


def of(
    day: TrafficDay,
    hours: Sequence[TrafficHour],
    settings: Settings,
    deaf: Sequence[dt.datetime] = (),
) -> DayReport:
    """The report of rolled-up rows, with what is too small withheld.

    Args:
        day: the day's row.
        hours: those of its hours, in their order.
        settings: the store's.
        deaf: its silent hours (`analytics.figures.silent_hours`), if that matters.
    """
    counts = [(hour.passers_by, hour.visitors) for hour in hours]
    shown = _of_day(day, counts, deaf, settings)
    return dataclasses.replace(shown, hours=_hours(hours, settings))


def find(database: Database, settings: Settings, day: dt.date) -> DayReport | None:
    """The report of a day as far as it is known; None if nothing is."""
    with database.reading() as session:
        row = session.get(TrafficDay, day)
        if row is None:
            return None
        of_day = sa.select(TrafficHour).where(TrafficHour.day == day).order_by(TrafficHour.start)
        deaf = silent_hours.find(session, settings, [row])
        return of(row, session.scalars(of_day).all(), settings, deaf.get(day, ()))


def recent(database: Database, settings: Settings, last: dt.date, days: int) -> list[DayReport]:
    """Reports without hours of the `days` days up to `last` that have figures, oldest first."""
    first = last - dt.timedelta(days=days - 1)
    wanted = sa.select(TrafficDay).where(TrafficDay.day.between(first, last))
    hours = sa.select(TrafficHour.day, TrafficHour.passers_by, TrafficHour.visitors).where(
        TrafficHour.day.between(first, last)
    )
    counts: dict[dt.date, list[tuple[int, int]]] = collections.defaultdict(list)
    with database.reading() as session:
        for day, passers_by, visitors in session.execute(hours):
            counts[day].append((passers_by, visitors))
        rows = session.scalars(wanted.order_by(TrafficDay.day)).all()
        deaf = silent_hours.find(session, settings, rows)
        return [_of_day(row, counts[row.day], deaf.get(row.day, ()), settings) for row in rows]


def of_visitors(shown: int | None, perhaps: int = 0) -> Estimate:
    """A shown count with its interval, which tells nothing besides.

    Args:
        shown: the count.
        perhaps: how many more there may be, of whom nothing is shown.
    """
    return _around(shown, perhaps, margins.of_visitors)


def of_passers_by(shown: int | None, perhaps: int = 0) -> Estimate:
    """As `of_visitors`."""
    return _around(shown, perhaps, margins.of_passers_by)


def of_entry_rate(entries: float, near: float) -> Estimate:
    """Of all who were near, those who came in; both as they are shown."""
    if not near:
        return Estimate()
    rate = margins.of_entry_rate(entries / near, entries, near)
    return Estimate(*(round(each, 4) for each in rate))


def _withheld(figure: Estimate) -> str:
    return "yes" if figure.value is None else "no"


def _around(shown: int | None, perhaps: int, margin: Callable[[float], margins.Figure]) -> Estimate:
    if shown is None:
        return Estimate()
    return Estimate(shown, round(margin(shown).low), round(margin(shown + perhaps).high))


def _of_day(
    day: TrafficDay,
    hours: Sequence[tuple[int, int]],
    deaf: Sequence[dt.datetime],
    settings: Settings,
) -> DayReport:
    """The day by itself; `hours` are the passers-by and visitors of each."""
    k = settings.traffic.suppress_below
    passed, came = [hour[0] for hour in hours], [hour[1] for hour in hours]
    is_closed = day.closed_at is not None
    (near, unseen), (inside, uncounted) = _so_far(passed, k), _so_far(came, k)
    if is_closed:
        near, unseen = suppression.rounded_total(day.passers_by, passed, k), 0
        inside, uncounted = suppression.rounded_total(day.visitors, came, k), 0
    passers_by, visitors = of_passers_by(near, unseen), of_visitors(inside, uncounted)
    dwell = dwell_buckets.shown(day, inside, near, came, settings.traffic)
    looked_in = [dwell[name] for name in dwell_buckets.looked_in(settings.traffic.visitor_after_s)]
    if not is_closed:
        dwell = dict.fromkeys(dwell)
    return DayReport(
        store=settings.store.id,
        day=day.day,
        withheld_below=k,
        updated_at=day.updated_at,
        closed_at=day.closed_at,
        probe_requests=round(day.probe_requests, -2),
        fixtures=suppression.rounded(day.fixtures, k),
        passers_by=passers_by,
        visitors=visitors,
        entry_rate=_entry_rate(visitors, passers_by, looked_in, k),
        dwell_median_s=Estimate(*dwell_buckets.median(day, inside, k)),
        dwell_visits=dwell,
        bounces=suppression.rounded_part(day.bounces or 0, dwell[dwell_buckets.BOUNCES_IN], k),
        heard_s=day.heard_s,
        deaf_hours=tuple(deaf),
        hours=(),
    )


def _so_far(parts: Sequence[int], k: int) -> tuple[int | None, int]:
    """Of a running day: what its parts show, and how many more there may be.

    Looked at again and again, a total beside its parts would tell those.
    """
    shown = [suppression.rounded(part, k) for part in parts]
    known = [count for count in shown if count is not None]
    return sum(known) if known else None, (len(shown) - len(known)) * (k - 1)


def _entry_rate(
    visitors: Estimate, passers_by: Estimate, looked_in: Sequence[int | None], k: int
) -> Estimate:
    """Of shown figures alone."""
    if visitors.value is None or passers_by.value is None:
        return Estimate()
    more = [suppression.possible(count, k) for count in looked_in]
    near = visitors.value + passers_by.value
    entries = min(visitors.value + sum((one.low + one.high) // 2 for one in more), near)
    return of_entry_rate(entries, near)


def _hours(hours: Sequence[TrafficHour], settings: Settings) -> tuple[HourReport, ...]:
    k = settings.traffic.suppress_below
    return tuple(
        HourReport(
            hour.start.astimezone(settings.store.zone),
            suppression.rounded(hour.passers_by, k),
            suppression.rounded(hour.visitors, k),
            suppression.rounded(round(hour.inside_mean or 0), k),
            hour.heard_s,
        )
        for hour in hours
    )
