"""Says figures, times and days in one language, on pages and in reports. No Flask."""

import dataclasses
import datetime as dt
import zoneinfo
from pathlib import Path

from analytics.figures.report import Estimate
from core.texts import Texts

_SHARED = Path(__file__).parent / "texts"
_MINUTE_S = 60
_HOUR_S = 3600
_KILO = 1000
_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB")


def load(*folders: Path) -> Texts:
    """What `folders` have to say, with what all of analytics says; a later one's word holds."""
    catalogues = Texts.load(_SHARED).catalogues
    for folder in folders:
        own = Texts.load(folder).catalogues
        catalogues = {language: {**catalogues[language], **own[language]} for language in own}
    return Texts(catalogues)


@dataclasses.dataclass(frozen=True, slots=True)
class Wording:
    texts: Texts
    language: str
    zone: zoneinfo.ZoneInfo

    def text(self, key: str, **values: object) -> str:
        return self.texts.text(self.language, key, **values)

    def number(self, value: float) -> str:
        return f"{value:,.0f}"

    def bytes(self, count: int) -> str:
        """In units of a thousand, with one decimal while it tells something."""
        value, unit = float(count), 0
        while value >= _KILO and unit < len(_BYTE_UNITS) - 1:
            value, unit = value / _KILO, unit + 1
        digits = 1 if unit and value < 10 else 0  # noqa: PLR2004 - one figure before the point
        return f"{value:.{digits}f} {_BYTE_UNITS[unit]}"

    def percent(self, share: float) -> str:
        return f"{share * 100:.1f}%"

    def ratio(self, value: float) -> str:
        return f"{value:.2f}"

    def dbm(self, value: int) -> str:
        return f"{value}\u00a0dBm".replace("-", "\u2212")

    def dbm_range(self, low: int, high: int) -> str:
        return f"\u2212{-low} … {self.dbm(high)}"

    def duration(self, seconds: float) -> str:
        minutes = round(seconds / _MINUTE_S)
        if minutes < _HOUR_S // _MINUTE_S:
            return self.text("duration.minutes", minutes=minutes)
        return self.text("duration.hours", hours=minutes // 60, minutes=minutes % 60)

    def interval(self, estimate: Estimate, form: str) -> str:
        """Both ends, each said by the method named `form`."""
        say = getattr(self, form)
        return f"{say(estimate.low)}–{say(estimate.high)}"  # noqa: RUF001 - a range takes this dash

    def estimate(self, found: Estimate, form: str) -> str:
        """A figure with its interval, as far as they are shown."""
        if found.value is None:
            return self.text("not_shown")
        value: str = getattr(self, form)(found.value)
        if found.low is None or found.high is None:
            return value
        return self.text("with_interval", value=value, interval=self.interval(found, form))

    def day(self, day: dt.date) -> str:
        return self.text(
            "date.day",
            year=day.year,
            month=self.text(f"date.month_{day.month}"),
            day=day.day,
            weekday=self.text(f"date.weekday_{day.isoweekday()}"),
        )

    def month(self, day: dt.date) -> str:
        """The month that a day is in."""
        name = self.text(f"date.month_{day.month}")
        return self.text("date.month", year=day.year, month=name)

    def short_day(self, day: dt.date) -> str:
        return self.text(
            "date.short_day",
            month=self.text(f"date.month_{day.month}"),
            day=day.day,
            weekday=self.text(f"date.weekday_{day.isoweekday()}"),
        )

    def moment(self, moment: dt.datetime) -> str:
        # Hyphens at which no line breaks.
        return f"{moment.astimezone(self.zone):%Y\u2011%m\u2011%d %H:%M}"

    def time(self, moment: dt.datetime) -> str:
        return f"{moment.astimezone(self.zone):%H:%M}"

    def when(self, moment: dt.datetime, now: dt.datetime) -> str:
        """The time of day, with the date if it is not today's."""
        days = [each.astimezone(self.zone).date() for each in (moment, now)]
        return self.time(moment) if days[0] == days[1] else self.moment(moment)

    def ago(self, moment: dt.datetime, now: dt.datetime) -> str:
        seconds = max((now - moment).total_seconds(), 0)
        if seconds < _MINUTE_S:
            return self.text("duration.just_now")
        return self.text("duration.ago", duration=self.duration(seconds))
