"""How reports say things: with the words for figures and days that pages have, and their own."""

import datetime as dt
import functools
from pathlib import Path

from analytics import wording
from analytics.reports.period import Period
from analytics.wording import Wording
from core.setting_groups.reports import ReportKind
from core.settings import Settings
from core.texts import Texts

LANGUAGES = ("zh", "en")
NOT_SHOWN = "–"  # noqa: RUF001 - the dash that the dashboard's tables have

FOLDER = Path(__file__).parent
_HUNDRED = 100
# Below this, a change is said with a decimal.
_SMALL = 0.1


def load(settings: Settings, language: str) -> Wording:
    return Wording(_texts(), language, settings.store.zone)


def default_language(settings: Settings) -> str:
    """The store's, as far as there are reports in it."""
    return "zh" if settings.store.language.startswith("zh") else "en"


def title(say: Wording, period: Period) -> str:
    return say.text(f"report.title_{period.kind or 'range'}")


def period_name(say: Wording, period: Period) -> str:
    if period.kind is ReportKind.DAY:
        return say.day(period.first)
    if period.kind is ReportKind.MONTH:
        return say.month(period.first)
    return span(say, period.first, period.last)


def span(say: Wording, first: dt.date, last: dt.date) -> str:
    if first == last:
        return say.day(first)
    return say.text("report.range", first=say.day(first), last=say.day(last))


def count(say: Wording, value: int | None) -> str:
    return NOT_SHOWN if value is None else say.number(value)


def change(say: Wording, value: float, *, in_points: bool) -> str:
    """With its sign, as `+8%` or `-1.2 points`."""
    return say.text("report.points" if in_points else "report.percent", number=signed(value))


def signed(share: float) -> str:
    """In hundredths, with a true minus."""
    digits = 1 if abs(share) < _SMALL else 0
    number = f"{abs(share) * _HUNDRED:.{digits}f}"
    sign = "\u00b1" if not float(number) else "+" if share > 0 else "\u2212"
    return f"{sign}{number}"


def short_span(say: Wording, first: dt.date, last: dt.date) -> str:
    if first == last:
        return say.short_day(first)
    return say.text("report.range", first=say.short_day(first), last=say.short_day(last))


def short_days(say: Wording, days: tuple[dt.date, ...]) -> str:
    """Days one after the other, neighbours as a range."""
    runs: list[list[dt.date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == dt.timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    parts = (short_span(say, run[0], run[-1]) for run in runs)
    return ("、" if say.language == "zh" else ", ").join(parts)


@functools.cache
def _texts() -> Texts:
    return wording.load(FOLDER / "texts")
