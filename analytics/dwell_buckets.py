"""Visits by time inside, as anybody may see them: they have passed `analytics.suppression`."""

import math
from collections.abc import Sequence

from analytics import suppression
from core.models.traffic import DWELL_BUCKETS, TrafficDay
from core.setting_groups.traffic import TrafficSettings


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


def looked_in(visitor_after_s: int) -> list[str]:
    """The buckets of those who came inside and were no visitors."""
    ends = [*DWELL_BUCKETS.values(), math.inf][1:]
    pairs = zip(DWELL_BUCKETS, ends, strict=True)
    return [name for name, end_s in pairs if end_s <= visitor_after_s]
