"""Counted days, as the engine would have written them."""

import datetime as dt

from core.models.traffic import TrafficDay, TrafficHour


def day_row(day, visitors=200, passers_by=800, *, is_closed=True):
    at = dt.datetime.combine(day, dt.time(16, 30), dt.UTC)
    return TrafficDay(
        day=day,
        probe_requests=4321,
        fixtures=0,
        visitors=visitors,
        passers_by=passers_by,
        dwell_q1_s=600,
        dwell_median_s=1200,
        dwell_q3_s=2400,
        dwell_under_5_min=30,
        dwell_5_to_20_min=visitors // 2,
        dwell_20_to_60_min=visitors - visitors // 2,
        dwell_1_to_6_h=0,
        dwell_over_6_h=0,
        updated_at=at,
        closed_at=at if is_closed else None,
    )


def hour_row(start, day, visitors, passers_by):
    return TrafficHour(start=start, day=day, visitors=visitors, passers_by=passers_by)
