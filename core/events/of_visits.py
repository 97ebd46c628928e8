"""What headquarters is told of a day's visits: rows of nobody, for the figures of the chain.

How they are made, and why they tell no more than the day's report does: docs/privacy.md.
"""

from typing import Annotated

from pydantic import Field

from core.events.shapes import Count, Day, Part, Store

Minute = Annotated[int, Field(ge=0, lt=25 * 60)]
"""Since the day began, which has 23 to 25 hours."""
Seconds = Annotated[int, Field(ge=0, le=24 * 3600)]


class Inside(Part):
    """Those who came in: one value of each a visit."""

    minute: list[Minute]
    """At which it began: spread evenly over each hour."""
    dwell_s: list[Seconds]
    """Time inside: to five minutes; of days with many visitors, and below `visitor_after_s`, to the
    minute."""


class VisitsDay(Part):
    """The visits of a closed store-local day, as they are estimated. For headquarters alone."""

    store: Store
    day: Day
    """Equal to `subject`."""
    time_zone: Annotated[str, Field(min_length=1, max_length=64)]
    day_begins: Annotated[str, Field(pattern=r"^\d{2}:\d{2}$")]
    """When the store's day begins, on its clock."""
    visitor_after_s: Count
    """Time inside from which a visit is a visitor's."""
    withheld_below: Count
    """Of an hour, as many rows are here as its report shows: multiples of this, or none."""
    passed: list[Minute]
    """Of those who passed, the minute."""
    inside: Inside
