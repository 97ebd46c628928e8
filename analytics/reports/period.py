"""The store-local days that a report is about."""

import dataclasses
import datetime as dt

from core.setting_groups.reports import ReportKind

_DAY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Period:
    first: dt.date
    last: dt.date
    """Included."""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def kind(self) -> ReportKind | None:
        """Day, week from Monday to Sunday, calendar month; None: another range."""
        for kind in ReportKind:
            if of(kind, self.first) == self:
                return kind
        return None


def of(kind: ReportKind, day: dt.date) -> Period:
    """The day, week or month that `day` is in."""
    if kind is ReportKind.DAY:
        return Period(day, day)
    if kind is ReportKind.WEEK:
        monday = day - (day.isoweekday() - 1) * _DAY
        return Period(monday, monday + 6 * _DAY)
    first = day.replace(day=1)
    return Period(first, (first + 31 * _DAY).replace(day=1) - _DAY)


def newest_ended(kind: ReportKind, today: dt.date) -> Period:
    """The last day, week or month that is over."""
    return of(kind, of(kind, today).first - _DAY)


def months(period: Period) -> list[Period]:
    """The calendar months of a period; the first and the last as far as they are in it."""
    parts, first = [], period.first
    while first <= period.last:
        last = min(of(ReportKind.MONTH, first).last, period.last)
        parts.append(Period(first, last))
        first = last + _DAY
    return parts
