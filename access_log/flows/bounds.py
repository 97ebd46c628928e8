"""How much of the flow log is kept: which files end, and how far the room goes. Pure."""

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from access_log.flows.files import HourFile

# What is written today lies in the future of no forecast.
_LOOKED_AT = 7


class Bounds(NamedTuple):
    days: int
    bytes: int


def aged(found: Sequence[HourFile], limits: Bounds, now: dt.datetime) -> list[HourFile]:
    """Files of the oldest day, if that is over its time. Never the newest file.

    One day and no more: a clock that runs ahead of the time must not end the whole log.
    """
    today = now.astimezone(dt.UTC).date()
    limit = today - dt.timedelta(days=limits.days)
    # A file from the future ends with what follows it.
    known = [each.day for each in found[:-1] if each.day <= today]
    oldest = known[0] if known else today
    if oldest >= limit:
        return []
    ending = itertools.takewhile(lambda each: each.day == oldest or each.day > today, found[:-1])
    return list(ending)


def too_much(found: Sequence[HourFile], sizes: Mapping[int, int], limits: Bounds) -> list[HourFile]:
    """The oldest files, whole days if they are over, for which there is no room."""
    total = sum(sizes.get(each.number, 0) for each in found)
    count = 0
    while total > limits.bytes and count < len(found) - 1:
        day = found[count].day
        is_running = day == found[-1].day
        while count < len(found) - 1 and found[count].day == day:
            total -= sizes.get(found[count].number, 0)
            count += 1
            if is_running and total <= limits.bytes:
                break
    return list(found[:count])


def days_of_room(
    found: Sequence[HourFile], sizes: Mapping[int, int], limits: Bounds
) -> float | None:
    """For how many days the room lasts, going by the last week; None if too little is known."""
    by_day: dict[dt.date, int] = {}
    for each in found:
        by_day[each.day] = by_day.get(each.day, 0) + sizes.get(each.number, 0)
    # The first and the last of them are not whole.
    whole = sorted(by_day)[1:-1][-_LOOKED_AT:]
    total = sum(by_day[day] for day in whole)
    return limits.bytes * len(whole) / total if total else None
