"""Makes of a closed day the visit rows that may leave the store. Pure: figures in, rows out.

A row is a visit that the day is estimated to have had, and no phone's:

- *How many* begin in an hour, passing or inside, is the count that the day's report shows of
  that hour: rounded, and none where it is withheld.
- *When* in the hour is not told: they are spread over it evenly.
- *How long* is a quantile of the distribution of the whole day's dwell, as coarse as its median
  may be shown. Which row gets which says nothing.

So the rows tell what the report tells of each hour, and the shape of the day's dwell besides
(docs/privacy.md).
"""

import datetime as dt
import itertools
import math
from collections.abc import Sequence

import numpy as np

from analytics.devices.linking import Floats, Ints
from analytics.estimates import dwell
from analytics.figures import dwell_buckets, suppression
from analytics.visits.visit_rows import VisitRows
from core.models.traffic import BOUNCE_S, DWELL_BUCKETS, TrafficDay, TrafficHour
from core.setting_groups.traffic import TrafficSettings

# Multiples of it, less their whole part, lie as evenly as can be, wherever one stops.
_GOLDEN = (math.sqrt(5) - 1) / 2


def make(
    day: TrafficDay,
    hours: Sequence[TrafficHour],
    until: dt.datetime,
    dwell_shares: Floats,
    rules: TrafficSettings,
) -> VisitRows | None:
    """The rows; None of a day with too few visitors to show how long they stayed.

    Args:
        day: its row, closed.
        hours: all of its hours, in their order.
        until: when the last of them ends.
        dwell_shares: how long those who came in stayed, as `dwell.quantiles_s` takes it.
        rules: from when on a visit is a visitor's, and what is withheld.
    """
    k = rules.suppress_below
    came = [suppression.rounded(hour.visitors, k) or 0 for hour in hours]
    near = [suppression.rounded(hour.passers_by, k) or 0 for hour in hours]
    step_s = dwell_buckets.step_s_of(sum(came), k)
    if step_s is None:
        return None
    all_looked_in = suppression.rounded((day.entries or 0) - day.visitors, k) or 0
    looked_in = np.minimum(_apportioned(all_looked_in, came), near).astype(np.int64)
    stays_s = _stays_s(dwell_shares, rules.visitor_after_s, step_s, sum(came))
    looks_s = _looks_s(dwell_shares, rules.visitor_after_s, int(looked_in.sum()))
    passed = np.array(near) - looked_in
    starts = [hour.start for hour in hours]
    minute = np.concatenate([_spread(each, starts, until) for each in (came, looked_in, passed)])
    inside_s = np.concatenate([stays_s, looks_s])
    dwell_s = np.concatenate([inside_s, np.zeros(passed.sum(), np.int64)])
    order = np.argsort(minute, kind="stable")
    return VisitRows(minute[order], order < len(inside_s), dwell_s[order])


def _apportioned(total: int, shares: Sequence[int]) -> Ints:
    """Whole numbers by these shares that add up to the total."""
    sums = np.cumsum([0, *shares]) * total / sum(shares)
    parts: Ints = np.diff(np.rint(sums)).astype(np.int64)
    return parts


def _spread(
    counts: Sequence[int] | Ints, starts: Sequence[dt.datetime], until: dt.datetime
) -> Ints:
    """The minutes of so many visits in each hour, counted from the first one's start."""
    bounds = np.array([(at - starts[0]) // dt.timedelta(minutes=1) for at in (*starts, until)])
    minutes = [
        first + (np.arange(count) + 0.5) / max(count, 1) * (after - first)
        for count, (first, after) in zip(counts, itertools.pairwise(bounds), strict=True)
    ]
    return np.concatenate(minutes).astype(np.int64)


def _stays_s(shares: Floats, visitor_after_s: int, step_s: int, visitors: int) -> Ints:
    """Of visitors: rounded, but never over the edge of a bucket."""
    found = dwell.quantiles_s(shares, _parts(visitors), from_s=visitor_after_s)
    edges = np.array(sorted({0, visitor_after_s, BOUNCE_S, *DWELL_BUCKETS.values()}))
    bucket = np.searchsorted(edges, found, side="right")
    first = np.maximum(edges[bucket - 1], visitor_after_s)
    last = np.maximum(np.append(edges, 2 * edges[-1])[bucket] - step_s, first)
    rounded: Ints = np.clip(np.rint(found / step_s) * step_s, first, last).astype(np.int64)
    return rounded


def _looks_s(shares: Floats, visitor_after_s: int, looked_in: int) -> Ints:
    """Of those who looked in: whole minutes."""
    if not looked_in:
        return np.zeros(0, np.int64)
    found = dwell.quantiles_s(shares, _parts(looked_in), from_s=0, to_s=visitor_after_s)
    minutes: Ints = np.minimum(found // 60 * 60, visitor_after_s - 1).astype(np.int64)
    return minutes


def _parts(visits: int) -> Floats:
    """Of each visit, which part of all is shorter; long and short ones mixed."""
    rank = np.argsort(np.argsort(np.arange(visits) * _GOLDEN % 1))
    parts: Floats = (rank + 0.5) / max(visits, 1)
    return parts
