"""Time inside, as anybody may see it: visits by it, and the middle one's."""

import math
from collections.abc import Sequence

from analytics.figures import suppression
from core.models.traffic import DWELL_BUCKETS, TrafficDay
from core.setting_groups.traffic import TrafficSettings

BOUNCES_IN = "dwell_5_to_20_min"
"""Who bounced stayed between five and ten minutes."""
# So many times `suppress_below` visitors leave no small count on any side of a quartile.
_MEDIAN_FROM = 5
# Among so few, what is rounded to five minutes is nobody's own; among more, whole minutes are
# those of several.
_MANY = 20
_FEW_STEP_S, _STEP_S = 5 * 60, 60


def shown(
    day: TrafficDay,
    visitors: int | None,
    passers_by: int | None,
    visitors_by_hour: Sequence[int],
    rules: TrafficSettings,
) -> dict[str, int | None]:
    """Buckets from `visitor_after_s` on divide the visitors, those below are of passers-by.

    Args:
        day: the counts.
        visitors: as they are shown, and so the passers-by.
        passers_by: in buckets below, there are no more.
        visitors_by_hour: the other division of the visitors.
        rules: from when on a visit is a visitor's, and what is withheld.
    """
    k = rules.suppress_below
    counts = {name: int(getattr(day, name)) for name in DWELL_BUCKETS}
    found = {name: suppression.rounded_part(count, passers_by, k) for name, count in counts.items()}
    parts = [name for name, begin_s in DWELL_BUCKETS.items() if begin_s >= rules.visitor_after_s]
    divided = [counts[name] for name in parts]
    if rules.visitor_after_s not in DWELL_BUCKETS.values():
        # The rest of the visitors are in a bucket that passers-by share.
        divided.append(max(day.visitors - sum(divided), 0))
    others = [suppression.rounded(hour, k) for hour in visitors_by_hour]
    among = suppression.rounded_parts(divided, visitors, others, k)
    return found | dict(zip(parts, among, strict=False))


def median(
    day: TrafficDay, visitors: int | None, k: int
) -> tuple[int | None, int | None, int | None]:
    """The middle visitor's time inside and the quartiles, in seconds, once the day is closed.

    Each may be that of a single visitor. While the day runs, looks before and after somebody
    left would tell hers.
    """
    step_s = step_s_of(visitors or 0, k)
    if day.closed_at is None or step_s is None:
        return None, None, None
    times = (day.dwell_median_s, day.dwell_q1_s, day.dwell_q3_s)
    median_s, first_s, third_s = (
        None if each is None else max(round(each / step_s), 1) * step_s for each in times
    )
    return median_s, first_s, third_s


def step_s_of(visitors: int, k: int) -> int | None:
    """To what a time inside is rounded among so many; None if it is not told at all."""
    if visitors < _MEDIAN_FROM * k:
        return None
    return _FEW_STEP_S if visitors < _MANY * k else _STEP_S


def looked_in(visitor_after_s: int) -> list[str]:
    """The buckets of those who came inside and were no visitors."""
    ends = [*DWELL_BUCKETS.values(), math.inf][1:]
    pairs = zip(DWELL_BUCKETS, ends, strict=True)
    return [name for name, end_s in pairs if end_s <= visitor_after_s]
