"""From the street to membership: estimated devices and measured phones, side by side.

The sensor and the portal count different things, and nothing joins the two. What may be said is
how many phones the portal counted for each hundred devices that the sensor took for visitors,
with the whole of the sensor's doubt: good for one month beside another, and no share of people.
"""

import dataclasses
from collections.abc import Sequence

from analytics.figures.report import DayReport, Estimate
from analytics.logins.portal_report import PortalReport

_HUNDRED = 100


@dataclasses.dataclass(frozen=True, slots=True)
class Ratio:
    """Phones for each hundred estimated visitors."""

    phones: Estimate
    days: int
    """That show both: the others are in neither sum."""


def per_hundred_visitors(
    days: Sequence[DayReport], at_portal: Sequence[PortalReport], step: str
) -> Ratio:
    """Of a step of the portal, over the days that show it and the visitors.

    Made of nothing but what each day shows, so it tells no more than the days do.
    """
    measured = {each.day: each.steps[step] for each in at_portal}
    pairs = [
        (day.visitors, phones)
        for day in days
        if day.visitors.value and (phones := measured.get(day.day)) is not None
    ]
    phones = sum(pair[1] for pair in pairs)

    def per_hundred(end: str) -> float | None:
        visitors = sum(getattr(each, end) or 0 for each, _ in pairs)
        return round(_HUNDRED * phones / visitors, 1) if visitors else None

    # The days' intervals may err together; their far ends are the safe side.
    return Ratio(
        Estimate(per_hundred("value"), per_hundred("high"), per_hundred("low")), len(pairs)
    )
