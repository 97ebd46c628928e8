"""What is told of the sensor's figures, and of how it is doing: nothing of anybody."""

from typing import Annotated

from pydantic import Field

from core.events.shapes import Count, Day, Moment, Part, Shown, Store
from core.sensor_status import State

Figure = Annotated[float, Field(ge=0, le=1_000_000_000, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Estimate(Part):
    """A figure and its 95 % interval; all null where it is withheld."""

    value: Figure | None
    low: Figure | None
    high: Figure | None


class Rate(Part):
    """As an estimate, from 0 to 1."""

    value: Share | None
    low: Share | None
    high: Share | None


class Hour(Part):
    start: Moment
    """In the store's zone."""
    passers_by: Shown
    visitors: Shown
    inside_mean: Shown
    """Devices inside on average."""
    heard_s: Count | None
    """Seconds in which the sensor heard; null if that is not known. At 0, counts say nothing."""


class Dwell(Part):
    """Visits by time inside."""

    dwell_under_5_min: Shown
    dwell_5_to_20_min: Shown
    dwell_20_to_60_min: Shown
    dwell_1_to_6_h: Shown
    dwell_over_6_h: Shown


class TrafficHour(Hour):
    """An hour that is over. Null stands for a figure too small to be shown.

    What is still found out about it is in the day's event.
    """

    store: Store
    day: Day
    """The store's, that the hour is of."""
    withheld_below: Count
    """Counts smaller than this are withheld, and the others multiples of it."""
    updated_at: Moment
    """Of two accounts of an hour, this one's or the day's, the later one stands."""


class TrafficDay(Part):
    """One store-local day, closed. Null stands for a figure too small to be shown.

    Counts of devices are multiples of `withheld_below`.
    """

    store: Store
    day: Day
    """Equal to `subject`."""
    withheld_below: Count
    """Counts smaller than this are withheld."""
    updated_at: Moment
    """Of two accounts of a day, the later one stands."""
    closed_at: Moment
    probe_requests: Count
    """Frames heard, to the nearest hundred. Not devices, and not people."""
    fixtures: Shown
    """Devices that were there all day, counted nowhere else."""
    passers_by: Estimate
    visitors: Estimate
    entry_rate: Rate
    """All who came inside, visitors or not, among all who were near."""
    dwell_median_s: Estimate
    """The middle visitor's time inside; `low` and `high` are the quartiles."""
    dwell_visits: Dwell
    bounces: Shown
    """Visitors who left again within ten minutes."""
    heard_s: Count | None
    """Seconds of the day in which the sensor heard; null if that is not known."""
    hours: Annotated[list[Hour], Field(max_length=26)]


class SensorHealth(Part):
    """How one source of the sensor (an interface, another sensor) is doing.

    Told when that changes, and once a day.
    """

    store: Store
    sensor: Annotated[str, Field(min_length=1, max_length=64)]
    """Its name. Equal to `subject`."""
    state: State
    """`hearing`; `silent`: it is open and brings nothing; `gone`: unplugged, or not running."""
    heard_at: Moment | None
    """When it last brought something; null: not since the sensor started."""
    problem: Annotated[str, Field(max_length=200)] | None
    """What keeps it from listening as planned, and what to mend; null if nothing does."""
    updated_at: Moment
    """Of two accounts of a sensor, the later one stands."""
