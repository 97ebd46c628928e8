"""Says times, spans of time and amounts of data in one language."""

import datetime as dt
from collections.abc import Callable

from babel import dates

from core import texts

_MB = 1_000_000
_GB = 1000 * _MB
_MINUTE = dt.timedelta(minutes=1)

Text = Callable[..., str]
"""`core.texts.Texts.text` of one language."""


def clock(language: str, moment: dt.datetime, now: dt.datetime, zone: dt.tzinfo) -> str:
    """The time on the store's wall, with the date if it is not today's."""
    there = moment.astimezone(zone)
    time = f"{there:%H:%M}"
    if there.date() == now.astimezone(zone).date():
        return time
    day = dates.format_skeleton("MMMd", there, locale=texts.locale(language), fuzzy=True)
    return f"{day} {time}"


def span(t: Text, lasts: dt.timedelta) -> str:
    """In hours and whole minutes, never more than it is, and one minute at least."""
    hours, minutes = divmod(max(lasts // _MINUTE, 1), 60)
    if not hours:
        return t("span.minutes", minutes=minutes)
    if not minutes:
        return t("span.hours", hours=hours)
    return t("span.hours_minutes", hours=hours, minutes=minutes)


def data(count: int) -> str:
    """In units that a bill uses, never more than it is."""
    if count >= _GB:
        return f"{count * 10 // _GB / 10:.1f} GB"
    if count >= _MB:
        return f"{count // _MB} MB"
    return f"{count // 1000} kB"
