"""What the sensor's day came to: the only traces of it that stay."""

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base

DWELL_BUCKETS = {
    "dwell_under_5_min": 0,
    "dwell_5_to_20_min": 5 * 60,
    "dwell_20_to_60_min": 20 * 60,
    "dwell_1_to_6_h": 3600,
    "dwell_over_6_h": 6 * 3600,
}
"""The columns that count visits by time inside, and the time from which each counts, seconds."""

BOUNCE_S = 600
"""A visitor who has left before so much time inside is a bounce."""


class TrafficHour(Base):
    """Estimated visits of one store-local hour, by the hour in which each began.

    Written by analytics.rollup, which replaces a day's hours as a whole. Read by
    analytics.figures.report. Small counts stand here as they are; whoever shows or sends them
    applies analytics.figures.suppression, and makes intervals of what is then left
    (analytics.figures.margins).
    """

    __tablename__ = "traffic_hours"

    start: Mapped[dt.datetime] = mapped_column(primary_key=True)
    day: Mapped[dt.date] = mapped_column(index=True)
    """The store-local day it belongs to."""
    passers_by: Mapped[int]
    visitors: Mapped[int]
    entries: Mapped[int | None]
    """Who came inside at all, for however short: visitors, and some of the passers-by."""
    bounces: Mapped[int | None]
    """Visitors who left again soon (docs/figures/bounce.md)."""
    inside_mean: Mapped[float | None]
    """Devices inside on average; over the part of the hour that is gone, while it runs."""
    heard_s: Mapped[int | None]
    """Seconds in which the sensor heard, so that silence is not taken for an empty street."""


class TrafficDay(Base):
    """Estimated visits of one store-local day, and how long they stayed.

    Written by analytics.rollup: over and over while the day runs, the last time with
    `closed_at`. Read like TrafficHour. What may be empty is so in rows of earlier versions,
    and where there was nothing to tell it from.
    """

    __tablename__ = "traffic_days"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    probe_requests: Mapped[int]
    fixtures: Mapped[int]
    """Devices left out because they are always there."""
    passers_by: Mapped[int]
    visitors: Mapped[int]
    entries: Mapped[int | None]
    """As of TrafficHour, and so the columns of its names that follow."""
    bounces: Mapped[int | None]
    dwell_q1_s: Mapped[int | None]
    """Quartiles of the visitors' time inside; empty if there was no visitor."""
    dwell_median_s: Mapped[int | None]
    dwell_q3_s: Mapped[int | None]
    dwell_under_5_min: Mapped[int]
    dwell_5_to_20_min: Mapped[int]
    dwell_20_to_60_min: Mapped[int]
    dwell_1_to_6_h: Mapped[int]
    dwell_over_6_h: Mapped[int]
    inside_dbm: Mapped[int | None]
    """The thresholds that the day was counted with."""
    outside_dbm: Mapped[int | None]
    learnt_inside_dbm: Mapped[int | None]
    """Those that its own signals show, whether or not they held (calibration.learnt_zones)."""
    learnt_outside_dbm: Mapped[int | None]
    heard_s: Mapped[int | None]
    updated_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]


class TrafficNow(Base):
    """How many devices are in the store at a moment, with their 95 % interval: one row.

    Written by analytics.rollup at each of its turns, read by the dashboard, which looks at
    `at` before it says "now". A small count stands here as it is, as in TrafficHour.
    """

    __tablename__ = "traffic_now"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1."""
    at: Mapped[dt.datetime]
    devices: Mapped[int]
    low: Mapped[int]
    high: Mapped[int]


class PresenceHour(Base):
    """How many devices were near in the windows of one store-local hour, in strict mode.

    Written by analytics.rollup, read by analytics.figures.presence_report. There is no TrafficHour
    for such an hour: nothing that was near can be followed from one window to the next.
    """

    __tablename__ = "presence_hours"

    start: Mapped[dt.datetime] = mapped_column(primary_key=True)
    day: Mapped[dt.date] = mapped_column(index=True)
    windows: Mapped[int]
    """That were heard whole; the sums that follow are over these."""
    near: Mapped[int]
    inside: Mapped[int]
    near_most: Mapped[int]
    """In a single window."""
