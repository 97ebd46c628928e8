"""What programs may ask: one table, from which come the addresses and the document of them.

Every answer is a report that pages are made of as well, so all of it has passed
`analytics.figures.suppression`, and nothing about a single person is among it.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from analytics.figures import (
    anomalies,
    comparison,
    now_report,
    period_report,
    report,
    weekday_hours,
)
from analytics.figures.anomalies import Anomaly
from analytics.figures.comparison import Change, Changes, Comparison
from analytics.figures.now_report import NowReport
from analytics.figures.period_report import EARLIEST, PeriodReport
from analytics.figures.report import DayReport, Estimate, HourReport
from analytics.figures.weekday_hours import WeekdayHours
from analytics.logins import portal_report
from analytics.logins.portal_report import PortalReport, PortalSpan, Sum
from core import clock
from core.database import Database
from core.settings import Settings

LONGEST_RANGE_DAYS = 400

for _shape in (
    *(DayReport, HourReport, Estimate, PeriodReport, WeekdayHours),
    *(Comparison, Changes, Change, PortalSpan, PortalReport, Sum, NowReport, Anomaly),
):
    # What stands below a field in the source, the document says of it.
    _shape.__pydantic_config__ = ConfigDict(use_attribute_docstrings=True)  # type: ignore[union-attr]  # pydantic looks for it


class BadQuestionError(Exception):
    """It cannot be answered as it is asked; the message says what to ask instead."""


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """Where answers come from."""

    settings: Settings
    database: Database
    clock: Callable[[], dt.datetime] = clock.now


@dataclasses.dataclass(frozen=True, slots=True)
class Parameter:
    """A store-local day."""

    name: str
    text: str
    in_path: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    path: str
    """As in OpenAPI: `/days/{day}`."""
    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    answer: TypeAdapter[Any]
    ask: Callable[[Source, Mapping[str, dt.date]], object | None]
    """The answer for the days asked; None: there is none."""


def _now(source: Source, _asked: Mapping[str, dt.date]) -> NowReport | None:
    return now_report.find(source.database, source.settings, source.clock())


def _day(source: Source, asked: Mapping[str, dt.date]) -> DayReport | None:
    return report.find(source.database, source.settings, asked["day"])


def _period(source: Source, asked: Mapping[str, dt.date]) -> PeriodReport:
    return period_report.find(source.database, source.settings, *_range(asked))


def _weekday_hours(source: Source, asked: Mapping[str, dt.date]) -> WeekdayHours:
    return weekday_hours.find(source.database, source.settings, *_range(asked))


def _comparison(source: Source, asked: Mapping[str, dt.date]) -> Comparison:
    first, last = _range(asked)
    return comparison.compare(
        source.database, source.settings, first, last, _usual(asked["with_first"])
    )


def _anomalies(source: Source, asked: Mapping[str, dt.date]) -> tuple[Anomaly, ...]:
    today = source.settings.today(source.clock())
    return anomalies.find(source.database, source.settings, *_range(asked), today=today)


def _portal(source: Source, asked: Mapping[str, dt.date]) -> PortalSpan:
    first, last = _range(asked)
    return portal_report.find(source.database, source.settings, last, (last - first).days + 1)


def _range(asked: Mapping[str, dt.date]) -> tuple[dt.date, dt.date]:
    first, last = _usual(asked["first"]), asked["last"]
    if last < first:
        raise BadQuestionError("`last` is before `first`")
    if (last - first).days >= LONGEST_RANGE_DAYS:
        raise BadQuestionError(f"at most {LONGEST_RANGE_DAYS} days at a time")
    return first, last


def _usual(day: dt.date) -> dt.date:
    """Beyond these years, days before and after cannot be reckoned with."""
    if not EARLIEST <= day <= EARLIEST.replace(year=3000):
        raise BadQuestionError(f"no day before {EARLIEST} or after the year 2999")
    return day


_RANGE = (
    Parameter("first", "The first store-local day."),
    Parameter("last", f"The last one, included; at most {LONGEST_RANGE_DAYS} days in all."),
)

QUESTIONS = (
    Question(
        "/now",
        "now",
        "Estimated devices in the store now",
        (),
        TypeAdapter(NowReport),
        _now,
    ),
    Question(
        "/days/{day}",
        "day",
        "Estimated traffic of one day, with its hours; of today so far",
        (Parameter("day", "A store-local day.", in_path=True),),
        TypeAdapter(DayReport),
        _day,
    ),
    Question(
        "/period",
        "period",
        "Estimated traffic of a range of days, and of each of them",
        _RANGE,
        TypeAdapter(PeriodReport),
        _period,
    ),
    Question(
        "/comparison",
        "comparison",
        "A range of days beside as many others, weekday by weekday",
        (*_RANGE, Parameter("with_first", "The first day of the range to compare with.")),
        TypeAdapter(Comparison),
        _comparison,
    ),
    Question(
        "/weekday-hours",
        "weekday_hours",
        "Estimated traffic of the hours of each weekday, on average over a range of days",
        _RANGE,
        TypeAdapter(WeekdayHours),
        _weekday_hours,
    ),
    Question(
        "/anomalies",
        "anomalies",
        "What was out of the ordinary on a range of days, and whether it was the sensor",
        _RANGE,
        TypeAdapter(tuple[Anomaly, ...]),
        _anomalies,
    ),
    Question(
        "/portal",
        "portal",
        "What was measured at the portal: how far phones came, and members who came back",
        _RANGE,
        TypeAdapter(PortalSpan),
        _portal,
    ),
)
