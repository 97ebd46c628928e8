"""Puts estimates into the rows of a day and its hours, in whole numbers that add up.

    all near = passers_by + visitors
    came in  =    under 5 min + visitors     (entries)
                                 `- bounces, and those who stayed

The hours add up to the day, the buckets of dwell to those who came in. So nobody who adds up
what is shown finds another number.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence

from analytics.estimates.estimator import Estimates, Traffic
from analytics.figures.dwell_buckets import BOUNCES_IN
from core.models.traffic import DWELL_BUCKETS, TrafficDay, TrafficHour


def put(
    day: TrafficDay, hours: Sequence[TrafficHour], estimates: Estimates, visitor_after_s: int
) -> None:
    """Over what the rows have: counts and dwell.

    Args:
        day: its row.
        hours: its hours, as many as there are estimates of.
        estimates: of them.
        visitor_after_s: time inside from which on somebody is a visitor.
    """
    parts = [_whole(map(_parts, estimates.hours), nth) for nth in range(4)]
    for row, counts in zip(hours, zip(*parts, strict=True), strict=True):
        _put_counts(row, counts)
    _put_counts(day, [sum(of_hours) for of_hours in parts])
    quartiles_s = map(round, estimates.dwell_quartiles_s)
    day.dwell_q1_s, day.dwell_median_s, day.dwell_q3_s = quartiles_s
    _put_buckets(day, estimates, visitor_after_s)


def _parts(traffic: Traffic) -> tuple[float, float, float, float]:
    """Passed, came in and left at once, bounced, stayed: nobody is in two of them."""
    left_at_once = traffic.entries - traffic.visitors.value
    return (
        max(traffic.passers_by.value - left_at_once, 0.0),
        left_at_once,
        traffic.bounces,
        traffic.visitors.value - traffic.bounces,
    )


def _whole(of_hours: Iterable[Sequence[float]], nth: int) -> list[int]:
    """Whole numbers whose sums, from the first on, are as near as can be."""
    sums = itertools.accumulate((parts[nth] for parts in of_hours), initial=0.0)
    return [round(after) - round(before) for before, after in itertools.pairwise(sums)]


def _put_counts(row: TrafficDay | TrafficHour, parts: Sequence[int]) -> None:
    passed, left_at_once, bounces, stayed = parts
    row.passers_by, row.visitors = passed + left_at_once, bounces + stayed
    row.entries, row.bounces = left_at_once + bounces + stayed, bounces


def _put_buckets(day: TrafficDay, estimates: Estimates, visitor_after_s: int) -> None:
    """Those from `visitor_after_s` on add up to the visitors, the others to the rest."""
    shares, entries, bounces = dict(estimates.dwell_visits), day.entries or 0, day.bounces or 0
    long = [name for name, begin_s in DWELL_BUCKETS.items() if begin_s >= visitor_after_s]
    if visitor_after_s not in DWELL_BUCKETS.values():
        _apportion(day, shares, entries)
        return
    _apportion(
        day, {name: shares.pop(name) for name in shares.keys() - long}, entries - day.visitors
    )
    if BOUNCES_IN not in long:
        bounces = 0
    else:
        shares[BOUNCES_IN] = max(shares[BOUNCES_IN] - estimates.day.bounces, 0.0)
    _apportion(day, shares, day.visitors - bounces)
    setattr(day, BOUNCES_IN, getattr(day, BOUNCES_IN) + bounces)


def _apportion(day: TrafficDay, shares: Mapping[str, float], total: int) -> None:
    """Whole numbers by these shares that add up to the total."""
    scale = total / (sum(shares.values()) or 1.0)
    names = [name for name in DWELL_BUCKETS if name in shares]
    sums = itertools.accumulate((shares[name] * scale for name in names), initial=0.0)
    for name, (before, after) in zip(names, itertools.pairwise(sums), strict=True):
        setattr(day, name, round(after) - round(before))
