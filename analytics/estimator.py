"""Estimates who came in and who passed, heard or not, and for how long they stayed. Pure.

Stays stand for all who came (`analytics.comers`). Two things are put right, both learnt from
the day itself:

- Phones are silent for minutes. How many of the passers-by are heard follows from how long
  phones in the store are silent (`analytics.silences`) and how long a passer-by is near.
- Of visits, only the span between the first and the last burst is heard (`analytics.dwell`).

Whoever comes in walks past, too: so everybody who is near is counted outside, and those who
came in are a part of them. What it is good for: docs/figures/entry-rate.md.
"""

import dataclasses
import itertools
import math
from typing import NamedTuple, TypedDict

import numpy as np

from analytics import comers, dwell
from analytics.comers import Heard
from analytics.dwell import Dwell
from analytics.linking import Floats
from core.models.traffic import DWELL_BUCKETS
from core.setting_groups.traffic import TrafficSettings

# For how long a passer-by is heard as well as a phone in the store: some 50 m of a street at a
# walk, less where the signal does not carry. Of the simulator's shops, seeds below 100.
_PASSES_S = 26.0

# The share of stays that are another part of a phone: 11 of 98 groups that the probe requests
# of 22 phones made (docs/decisions/0018-devices.md).
_PARTS = 0.11

# An hour's entry rate is drawn to the day's as if so many more people had come.
_DRAWN_BY = 25.0

# How far estimates are off beside chance, in logarithms; and by how much more than by chance
# stays scatter, as people come in groups. Of the simulator's shops, seeds below 100.
_NEAR_SPREAD, _VISITS_SPREAD, _RATE_SPREAD, _MEDIAN_SPREAD = 0.18, 0.10, 0.06, 0.10
_GROUPS = 1.5
_NORMAL_95 = 1.96

_BOUNCE_S = 600


class Figure(NamedTuple):
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


class Traffic(NamedTuple):
    """Devices of a day or an hour."""

    passers_by: Figure
    visitors: Figure
    entries: float
    """All who came in, visitors or not."""
    bounces: float
    """Visitors who left within ten minutes."""
    entry_rate: Figure | None
    """Of all who came near, those who came in; None if nobody did."""


@dataclasses.dataclass(frozen=True, slots=True)
class Estimates:
    day: Traffic
    hours: tuple[Traffic, ...]
    """One for each start that was given."""
    dwell_quartiles_s: tuple[float, float, float]
    """Of visitors."""
    dwell_median_s: Figure
    dwell_visits: dict[str, float]
    """Of all who came in, by time inside; keys as in `DWELL_BUCKETS`."""


class _Shares(NamedTuple):
    """Of all who came in."""

    visitors: float
    bounces: float


def estimate(
    heard: Heard, rules: TrafficSettings, hours_s: Floats, until_s: float
) -> Estimates | None:
    """The figures of a day, until now; None if too little was heard to tell.

    Args:
        heard: what was.
        rules: thresholds and durations.
        hours_s: when the day's hours start, on the clock of `heard`.
        until_s: now, or the day's end.
    """
    found = comers.find(heard, rules, until_s)
    if found is None:
        return None
    visits, passing = found.visits, found.passing
    silent_s = np.maximum(until_s - visits.last_s, 0.0)
    fitted = dwell.fit(visits.span_s, visits.bursts, silent_s, found.visit_weight, found.silences)
    came_in = np.where(visits.bursts > 1, found.visit_weight, 0.0)
    came_in *= (1 - _PARTS) / fitted.heard_twice
    near = found.passing_weight / found.silences.heard(_PASSES_S)

    visitors = fitted.longer(rules.visitor_after_s)
    stayed = fitted.longer(max(rules.visitor_after_s, _BOUNCE_S))
    shares = _Shares(visitors, visitors - stayed)
    day = _traffic(came_in, near, shares)
    return Estimates(
        day=day,
        hours=tuple(
            _traffic(
                came_in[(visits.first_s >= start) & (visits.first_s < end)],
                near[(passing.first_s >= start) & (passing.first_s < end)],
                shares,
                day.entry_rate,
            )
            for start, end in itertools.pairwise([*hours_s.tolist(), math.inf])
        ),
        **_dwell(fitted, day.entries, int((visits.bursts > 1).sum()), rules.visitor_after_s),
    )


def _traffic(
    came_in: Floats, near: Floats, shares: _Shares, of_day: Figure | None = None
) -> Traffic:
    """Sums up what single stays stand for."""
    entries = float(came_in.sum())
    everybody = max(float(near.sum()), entries)
    visitors = entries * shares.visitors
    chance, near_chance = _by_chance(came_in), _by_chance(near)
    drawn = _DRAWN_BY if of_day else 0.0
    rate = None
    if everybody + drawn > 0:
        towards = drawn * of_day.value if of_day else 0.0
        value = (entries + towards) / (everybody + drawn)
        # A quotient is too high on average, the more so the less its divisor is known.
        value /= 1 + (near_chance * everybody / (everybody + drawn)) ** 2
        rate = _around(value, math.hypot(_RATE_SPREAD, chance, near_chance), most=1.0)
    return Traffic(
        passers_by=_around(everybody - visitors, math.hypot(_NEAR_SPREAD, near_chance)),
        visitors=_around(visitors, math.hypot(_VISITS_SPREAD, chance)),
        entries=entries,
        bounces=entries * shares.bounces,
        entry_rate=rate,
    )


def _by_chance(parts: Floats) -> float:
    """By how much a sum of what single stays stand for scatters, in logarithms."""
    total = float(parts.sum())
    return math.sqrt(_GROUPS * float((parts**2).sum())) / total if total else 1.0


def _around(value: float, doubt: float, most: float = math.inf) -> Figure:
    factor = math.exp(_NORMAL_95 * doubt)
    return Figure(value, value / factor, min(value * factor, most))


class _DwellFigures(TypedDict):
    dwell_quartiles_s: tuple[float, float, float]
    dwell_median_s: Figure
    dwell_visits: dict[str, float]


def _dwell(fitted: Dwell, entries: float, told: int, visitor_after_s: float) -> _DwellFigures:
    first, median, third = (
        fitted.quantile_s(part, from_s=visitor_after_s) for part in (0.25, 0.5, 0.75)
    )
    doubt = math.hypot(_MEDIAN_SPREAD, fitted.spread / math.sqrt(told))
    begins = itertools.pairwise([*DWELL_BUCKETS.values(), math.inf])
    return {
        "dwell_quartiles_s": (first, median, third),
        "dwell_median_s": _around(median, doubt),
        "dwell_visits": {
            name: entries * (fitted.longer(begin) - fitted.longer(end))
            for name, (begin, end) in zip(DWELL_BUCKETS, begins, strict=True)
        },
    }
