"""When it was busy, day by day, and for how long people stayed: from the sensor's figures."""

from collections.abc import Iterator
from typing import NamedTuple

from analytics.figures import period_report
from analytics.figures.open_hours import OpenHours
from analytics.figures.period_report import PeriodReport
from analytics.figures.report import DayReport, Estimate
from analytics.figures.weekday_hours import WeekdayHours
from analytics.reports import bars, words
from analytics.reports import period as periods
from analytics.reports.contents import Contents
from analytics.reports.document import Block, Figure, Figures, HeatMap, Layer, Section, Table, Words
from analytics.wording import Wording

_BUSIEST = 3
_OF_OPEN_HOURS = (
    ("visitors", "traffic.visitors", "number"),
    ("passers_by", "traffic.passers_by", "number"),
    ("entry_rate", "traffic.entry_rate", "percent"),
    ("before_opening", "report.before_opening", "number"),
    ("after_closing", "report.after_closing", "number"),
)
_WEEKDAYS = 7
# More lines than these nobody reads: then it is months.
_MOST_DAYS = 35


def sections(contents: Contents, say: Wording) -> list[Section]:
    traffic = contents.traffic
    found = [
        _hours_of_day(contents, say),
        _hours_of_week(contents, say),
        _open_hours(contents.open_hours, say),
        _presence(contents, say),
        _days(traffic, say) if 1 < contents.period.days <= _MOST_DAYS else None,
        _months(contents, say) if contents.period.days > _MOST_DAYS else None,
        _dwell(traffic, say),
    ]
    return [each for each in found if each is not None]


def _hours_of_day(contents: Contents, say: Wording) -> Section | None:
    hours = contents.day.hours if contents.day else ()
    counted = [(hour, hour.visitors) for hour in hours]
    shown = [(hour, count) for hour, count in counted if count]
    if not shown:
        return None
    # Not the night: from the first hour that anybody came in to the last.
    first, last = counted.index(shown[0]), counted.index(shown[-1])
    open_hours = counted[first : last + 1]
    drawn = bars.of_counts(
        say,
        say.text("traffic.hour"),
        say.text("traffic.visitors"),
        [(f"{hour.start:%H}:00", count, "") for hour, count in open_hours],
    )
    best = sorted(shown, key=lambda pair: -pair[1])[:_BUSIEST]
    texts = [_hour(say, hour.start.hour, count) for hour, count in best]
    line = say.text("report.busiest_day", hours=_joined(say, texts))
    return Section(say.text("report.busiest"), (Words((line,)), drawn), Layer.ESTIMATED)


def _open_hours(found: OpenHours | None, say: Wording) -> Section | None:
    """The shop by itself, for at night everybody is a passer-by."""
    if found is None or not found.days:
        return None
    figures = tuple(
        Figure(
            say.text(text),
            getattr(say, form)(estimate.value),
            say.text("report.interval", range=say.interval(estimate, form)),
        )
        for name, text, form in _OF_OPEN_HOURS
        if (estimate := getattr(found, name)).value is not None
    )
    if not figures:
        return None
    line = Words((say.text("report.open_days", days=found.days),), is_quiet=True)
    return Section(say.text("report.open_hours"), (Figures(figures), line), Layer.ESTIMATED)


class _Cell(NamedTuple):
    weekday: int
    hour: int
    mean: float


def _hours_of_week(contents: Contents, say: Wording) -> Section | None:
    found = contents.weekday_hours
    cells = list(_cells(found)) if found else []
    if found is None or not cells:
        return None
    best = sorted(cells, key=lambda cell: -cell.mean)[:_BUSIEST]
    most = best[0].mean
    # Hours in which never anybody is shown are not the store's.
    open_hours = range(min(cell.hour for cell in cells), max(cell.hour for cell in cells) + 1)
    strength = {(cell.weekday, cell.hour): cell.mean / most for cell in cells}
    texts = [
        say.text(
            "report.at_weekday_hour",
            weekday=_weekday(say, cell.weekday),
            count=say.number(cell.mean),
            **_ends(cell.hour),
        )
        for cell in best
    ]
    heat_map = HeatMap(
        rows=tuple(_weekday(say, weekday) for weekday in range(_WEEKDAYS)),
        columns=tuple(f"{hour:02}" for hour in open_hours),
        shades=tuple(
            tuple(strength.get((weekday, hour)) for hour in open_hours)
            for weekday in range(_WEEKDAYS)
        ),
        few=say.text("report.few"),
        many=say.text("report.many", count=say.number(most)),
        none=say.text("report.none"),
    )
    line = say.text("report.busiest_week", hours=_joined(say, texts))
    return Section(say.text("report.busiest"), (Words((line,)), heat_map), Layer.ESTIMATED)


def _cells(found: WeekdayHours) -> Iterator[_Cell]:
    for weekday, row in enumerate(found.visitors):
        for hour, mean in zip(found.hours, row, strict=True):
            if mean is not None and mean.value:
                yield _Cell(weekday, hour, mean.value)


def _presence(contents: Contents, say: Wording) -> Section | None:
    if not contents.presence:
        return None
    head = (
        say.text("traffic.hour"),
        *(say.text(f"presence.{name}") for name in ("near", "near_most", "inside")),
    )
    rows = tuple(
        (
            f"{line.start:%H}:00",
            *(words.count(say, each) for each in (line.near, line.near_most, line.inside)),
        )
        for line in contents.presence
    )
    return Section(say.text("report.presence"), (Table(head, rows),), Layer.ESTIMATED)


def _days(traffic: PeriodReport, say: Wording) -> Section | None:
    if not traffic.days:
        return None
    rows = tuple((say.short_day(each.day), *_figures(say, each)) for each in traffic.days)
    table = Table((say.text("report.day"), *_heads(say)), rows)
    return Section(say.text("report.each_day"), (table,), Layer.ESTIMATED)


def _months(contents: Contents, say: Wording) -> Section | None:
    traffic = contents.traffic
    if not traffic.days:
        return None
    rows = []
    for part in periods.months(contents.period):
        of_month = period_report.of_days(contents.settings, part.first, part.last, traffic.days)
        rows.append((say.month(part.first), *_figures(say, of_month)))
    table = Table((say.text("report.month"), *_heads(say)), tuple(rows))
    return Section(say.text("report.each_month"), (table,), Layer.ESTIMATED)


def _dwell(traffic: PeriodReport, say: Wording) -> Section | None:
    if all(count is None for count in traffic.dwell_visits.values()):
        return None
    counts = [
        (say.text(f"dwell.{name}"), count, "") for name, count in traffic.dwell_visits.items()
    ]
    head = say.text("traffic.dwell"), say.text("traffic.dwell_visits")
    drawn = bars.of_counts(say, *head, counts)
    blocks: list[Block] = [drawn]
    if traffic.bounces is not None and traffic.bounce_rate is not None:
        share = say.percent(traffic.bounce_rate)
        line = say.text("report.bounces", share=share, count=say.number(traffic.bounces))
        blocks.append(Words((line,)))
    return Section(say.text("report.dwell"), tuple(blocks), Layer.ESTIMATED)


def _heads(say: Wording) -> tuple[str, ...]:
    names = ("visitors", "passers_by", "entry_rate", "dwell_median")
    return tuple(say.text(f"traffic.{name}") for name in names)


def _figures(say: Wording, each: PeriodReport | DayReport) -> tuple[str, ...]:
    return (
        _said(each.visitors, say, "number"),
        _said(each.passers_by, say, "number"),
        _said(each.entry_rate, say, "percent"),
        _said(each.dwell_median_s, say, "duration"),
    )


def _said(estimate: Estimate, say: Wording, form: str) -> str:
    return words.NOT_SHOWN if estimate.value is None else str(getattr(say, form)(estimate.value))


def _hour(say: Wording, hour: int, count: float) -> str:
    return say.text("report.at_hour", count=say.number(count), **_ends(hour))


def _ends(hour: int) -> dict[str, str]:
    return {"from": f"{hour:02}:00", "to": f"{hour + 1:02}:00"}


def _weekday(say: Wording, weekday: int) -> str:
    return say.text(f"date.weekday_{weekday + 1}")


def _joined(say: Wording, texts: list[str]) -> str:
    return ("、" if say.language == "zh" else ", ").join(texts)
