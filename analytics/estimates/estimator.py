"""Estimates who came in and who passed, heard or not, and for how long they stayed. Pure.

Stays stand for all who came (`estimates.comers`). Two things are put right, both learnt from
the day itself:

- Phones are silent for minutes. How many of the passers-by are heard follows from how long
  phones in the store are silent (`analytics.estimates.silences`) and how long a passer-by is near.
- Of visits, only the span between the first and the last burst is heard (`estimates.dwell`).

Whoever comes in walks past, too: so everybody who is near is counted outside, and those who
came in are a part of them. What it is good for: docs/figures/entry-rate.md.
"""

import dataclasses
import itertools
import math
from typing import NamedTuple, TypedDict

import numpy as np

from analytics.devices.linking import Floats
from analytics.estimates import dwell
from analytics.estimates.comers import Comers
from analytics.estimates.dwell import Dwell
from analytics.figures import margins
from analytics.figures.margins import Figure
from core.models.traffic import BOUNCE_S, DWELL_BUCKETS
from core.setting_groups.traffic import TrafficSettings

# For how long a passer-by is heard as well as a phone in the store. It is some 34 s in the
# simulator's shops, 50 m of a street at a walk less where the signal does not carry. Visitors are
# counted on their way in alone, so that less is right for all together: seeds below 100.
_PASSES_S = 26.0

# The share of stays that are another part of a phone: 11 of 98 groups that the probe requests
# of 22 phones made (docs/decisions/0018-devices.md).
_PARTS = 0.11

# An hour's entry rate is drawn to the day's as if so many more people had come.
_DRAWN_BY = 25.0

# People come in groups, so counts scatter by more than by chance.
_GROUPS = 1.5


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
    dwell_shares: tuple[float, ...]
    """The same of each of `dwell.STAYS_S`, together 1."""


class _Shares(NamedTuple):
    """Of all who came in."""

    visitors: float
    bounces: float


def estimate(found: Comers, rules: TrafficSettings, hours_s: Floats, until_s: float) -> Estimates:
    """The figures of a day, until now.

    Args:
        found: who came near.
        rules: durations.
        hours_s: when the day's hours start, on the clock of `found`.
        until_s: now, or the day's end, on the same clock.
    """
    visits, passing = found.visits, found.passing
    silent_s = np.maximum(until_s - visits.last_s, 0.0)
    fitted = dwell.fit(
        visits.span_s, silent_s, found.visit_weight, found.visit_tells, found.silences
    )
    came_in = np.where(visits.bursts > 1, found.visit_weight, 0.0)
    came_in *= (1 - _PARTS) / fitted.heard_twice
    near = found.passing_weight / found.silences.heard(_PASSES_S)

    visitors = fitted.longer(rules.visitor_after_s)
    stayed = fitted.longer(max(rules.visitor_after_s, BOUNCE_S))
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
            # A clock set back just after midnight may date a stay before its own day.
            for start, end in itertools.pairwise([-math.inf, *hours_s[1:].tolist(), math.inf])
        ),
        **_dwell(fitted, day.entries, rules.visitor_after_s),
        dwell_shares=tuple(fitted.shares.tolist()),
    )


def _traffic(
    came_in: Floats, near: Floats, shares: _Shares, of_day: Figure | None = None
) -> Traffic:
    """Sums up what single stays stand for."""
    entries = float(came_in.sum())
    everybody = max(float(near.sum()), entries)
    visitors = entries * shares.visitors
    return Traffic(
        passers_by=margins.of_passers_by(everybody - visitors),
        visitors=margins.of_visitors(visitors),
        entries=entries,
        bounces=entries * shares.bounces,
        entry_rate=_rate(entries, near, everybody, of_day),
    )


def _rate(entries: float, near: Floats, everybody: float, of_day: Figure | None) -> Figure | None:
    drawn = _DRAWN_BY if of_day else 0.0
    if not everybody + drawn:
        return None
    towards = drawn * of_day.value if of_day else 0.0
    rate = (entries + towards) / (everybody + drawn)
    # A quotient is too high on average, the more so the less is known of its divisor.
    rate /= 1 + _GROUPS * float((near**2).sum()) / (everybody + drawn) ** 2
    return margins.of_entry_rate(rate, entries, everybody)


class _DwellFigures(TypedDict):
    dwell_quartiles_s: tuple[float, float, float]
    dwell_median_s: Figure
    dwell_visits: dict[str, float]


def _dwell(fitted: Dwell, entries: float, visitor_after_s: float) -> _DwellFigures:
    first, median, third = (
        fitted.quantile_s(part, from_s=visitor_after_s) for part in (0.25, 0.5, 0.75)
    )
    begins = itertools.pairwise([*DWELL_BUCKETS.values(), math.inf])
    return {
        "dwell_quartiles_s": (first, median, third),
        "dwell_median_s": margins.of_median(median, entries * fitted.longer(visitor_after_s)),
        "dwell_visits": {
            name: entries * (fitted.longer(begin) - fitted.longer(end))
            for name, (begin, end) in zip(DWELL_BUCKETS, begins, strict=True)
        },
    }
