"""Rows of the files (CSV, RFC 4180) that the fleet's pages give. A withheld figure is empty."""

import dataclasses
from collections.abc import Iterator

from analytics.figures.csv_table import Cell
from hq.pages.asked import Asked
from hq.pages.health import StoreState
from hq.pages.rankings import Place
from hq.pages.regions import Region
from hq.pages.sums import Sums

_ENDS = ("", "_low", "_high")
_FIGURES = ("visitors", "passers_by", "entry_rate", "dwell")
_SUMS = (
    "days_with_figures",
    "days_withheld",
    *(f"{_name}{_end}" for _name in (*_FIGURES[:3], "dwell_median_s") for _end in _ENDS),
    "visitors_a_day",
    "passers_by_a_day",
)
STORE_COLUMNS = ("store", "name", "region", "first", "last", *_SUMS)
REGION_COLUMNS = ("region", "first", "last", "stores", "stores_without_figures", *_SUMS)
HEALTH_COLUMNS = (
    "store",
    "name",
    "region",
    "state",
    "also",
    "heard_at",
    "version",
    "outbox_waiting",
    "outbox_oldest_at",
    "outbox_parked",
    "certificate_until",
    "sensor_state",
    "pushed_version",
    "is_pinned",
    "clock_off_s",
)


def of_store(place: Place, asked: Asked) -> tuple[Cell, ...]:
    days = asked.days
    named = place.store_id, place.name, place.region
    return (*named, days.first, days.last, *_of_sums(place.sums))


def of_region(region: Region, asked: Asked) -> tuple[Cell, ...]:
    days = asked.days
    counts = region.stores, region.without_figures
    return (region.name, days.first, days.last, *counts, *_of_sums(region.sums))


def of_health(state: StoreState) -> tuple[Cell, ...]:
    named = state.store_id, state.name, state.region, state.worst, " ".join(state.wrong[1:])
    told = state.health
    if told is None:
        return (*named, *[None] * (len(HEALTH_COLUMNS) - len(named)))
    return (
        *named,
        told.heard_at,
        told.version,
        told.outbox_waiting,
        told.outbox_oldest_at,
        told.outbox_parked,
        told.certificate_until,
        told.sensor_state,
        told.pushed_version,
        "yes" if told.is_pinned else "no",
        told.clock_off_s,
    )


def _of_sums(sums: Sums) -> Iterator[Cell]:
    figures = sums.figures()
    yield sums.days
    yield sums.withheld_days
    for name in _FIGURES:
        ends = dataclasses.astuple(getattr(figures, name))
        yield from (_rounded(end) for end in ends)
    yield _rounded(figures.visitors_a_day.value)
    yield _rounded(figures.passers_by_a_day.value)


def _rounded(value: float | None) -> Cell:
    return None if value is None else round(value, 4)
