"""A day's traffic as anybody may see it: every figure here has passed `analytics.suppression`.

The dashboard, the CSV file, `doorman report` and the CRM event are all made from a
DayReport, so that no way out can forget a rule. It is read from rolled-up rows; no
sighting and no pandas is needed for it.
"""

import csv
import dataclasses
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from analytics import intervals, suppression
from core.database import Database
from core.models.traffic import DWELL_BUCKETS, TrafficDay, TrafficHour
from core.settings import Settings

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


@dataclasses.dataclass(frozen=True, slots=True)
class DayReport:
    """One store-local day. None stands for a figure that is withheld."""

    store: str
    day: dt.date
    withheld_below: int
    updated_at: dt.datetime
    closed_at: dt.datetime | None
    """None while the day runs: its figures still change."""
    probe_requests: int
    fixtures: int | None
    passers_by: Estimate
    visitors: Estimate
    entry_rate: Estimate
    """visitors / (visitors + passers-by), 0 to 1."""
    dwell_median_s: Estimate
    """The middle visitor's time inside; `low` and `high` are the quartiles, not an interval."""
    dwell_visits: Mapping[str, int | None]
    """Visits that came inside, by time inside; keys as in `DWELL_BUCKETS`."""
    hours: tuple[HourReport, ...]

    def to_csv(self) -> str:
        """One figure a line; a withheld one has no value and says so."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
        writer.writerow(_CSV_HEADER)
        for hour, name, figure in self._figures():
            values = ["" if part is None else part for part in dataclasses.astuple(figure)]
            withheld = "yes" if figure.value is None else "no"
            writer.writerow([self.store, self.day.isoformat(), hour, name, *values, withheld])
        return text.getvalue()

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
            "hours": [
                {**dataclasses.asdict(hour), "start": hour.start.isoformat()} for hour in self.hours
            ],
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
        for hour in self.hours:
            start = hour.start.isoformat(timespec="minutes")
            yield start, "passers_by", Estimate(hour.passers_by)
            yield start, "visitors", Estimate(hour.visitors)


def of(day: TrafficDay, hours: Sequence[TrafficHour], settings: Settings) -> DayReport:
    """The report of rolled-up rows, with what is too small withheld."""
    k = settings.traffic.suppress_below
    visitors_shown = suppression.shown(day.visitors, k) is not None
    return DayReport(
        store=settings.store.id,
        day=day.day,
        withheld_below=k,
        updated_at=day.updated_at,
        closed_at=day.closed_at,
        probe_requests=day.probe_requests,
        fixtures=suppression.shown(day.fixtures, k),
        passers_by=_count(day.passers_by, day.passers_by_low, day.passers_by_high, k),
        visitors=_count(day.visitors, day.visitors_low, day.visitors_high, k),
        entry_rate=_entry_rate(day, k),
        dwell_median_s=Estimate(day.dwell_median_s, day.dwell_q1_s, day.dwell_q3_s)
        if visitors_shown
        else Estimate(),
        dwell_visits=_dwell_visits(day, settings),
        hours=_hours(hours, settings),
    )


def find(database: Database, settings: Settings, day: dt.date) -> DayReport | None:
    """The report of a day as far as it is known; None if nothing is."""
    with database.reading() as session:
        row = session.get(TrafficDay, day)
        if row is None:
            return None
        of_day = sa.select(TrafficHour).where(TrafficHour.day == day).order_by(TrafficHour.start)
        return of(row, session.scalars(of_day).all(), settings)


def recent(database: Database, settings: Settings, last: dt.date, days: int) -> list[DayReport]:
    """Reports without hours of the `days` days up to `last` that have figures, oldest first."""
    wanted = (
        sa.select(TrafficDay)
        .where(TrafficDay.day > last - dt.timedelta(days=days), TrafficDay.day <= last)
        .order_by(TrafficDay.day)
    )
    with database.reading() as session:
        return [of(row, (), settings) for row in session.scalars(wanted)]


def of_count(shown: int | None) -> Estimate:
    """A shown count with its interval, which tells nothing besides."""
    return Estimate() if shown is None else Estimate(shown, *intervals.of_count(shown))


def _count(value: int, low: int, high: int, k: int) -> Estimate:
    return Estimate() if suppression.shown(value, k) is None else Estimate(value, low, high)


def _entry_rate(day: TrafficDay, k: int) -> Estimate:
    if not suppression.ratio_is_shown(day.visitors, day.passers_by, k):
        return Estimate()
    # The two counts' intervals may err together; their far ends are the safe side.
    return Estimate(
        _share(day.visitors, day.passers_by),
        _share(day.visitors_low, day.passers_by_high),
        _share(day.visitors_high, day.passers_by_low),
    )


def _share(part: int, rest: int) -> float:
    return round(part / max(part + rest, 1), 4)


def _dwell_visits(day: TrafficDay, settings: Settings) -> dict[str, int | None]:
    """Buckets from `visitor_after_s` on add up to the visitors, so those are parts of a total."""
    k, visitor_after_s = settings.traffic.suppress_below, settings.traffic.visitor_after_s
    counts = {name: int(getattr(day, name)) for name in DWELL_BUCKETS}
    parts = [name for name, begin_s in DWELL_BUCKETS.items() if begin_s >= visitor_after_s]
    shown = {name: suppression.shown(count, k) for name, count in counts.items()}
    return shown | dict(
        zip(parts, suppression.shown_parts([counts[name] for name in parts], k), strict=True)
    )


def _hours(hours: Sequence[TrafficHour], settings: Settings) -> tuple[HourReport, ...]:
    k = settings.traffic.suppress_below
    passers_by = suppression.shown_parts([hour.passers_by for hour in hours], k)
    visitors = suppression.shown_parts([hour.visitors for hour in hours], k)
    return tuple(
        HourReport(hour.start.astimezone(settings.store.zone), passed, came)
        for hour, passed, came in zip(hours, passers_by, visitors, strict=True)
    )
