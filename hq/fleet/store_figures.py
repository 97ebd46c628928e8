"""What the visit rows of store-days come to: the work of one process.

The figures are those of `analytics.visits`, the same functions that run in a store.
"""

import datetime as dt
from typing import NamedTuple, TypedDict

import numpy as np

from analytics.visits import visit_rows
from analytics.visits.traffic import HourFigures
from core.clock import StoreZone
from hq.fleet import visit_files
from hq.fleet.folder import Folder, FolderError, Partition
from hq.fleet.visit_files import Piece, StoreVisits


class Hour(TypedDict):
    """An hour of the clock: where clocks go back, two are one."""

    hour: int
    passers_by: int
    visitors: int


class Stays(TypedDict):
    """How many visitors stayed for so long."""

    dwell_s: int
    visitors: int


class StoreFigures(TypedDict):
    """One store-day."""

    store: str
    passers_by: int
    visitors: int
    entries: int
    bounces: int
    dwell_q1_s: int | None
    dwell_median_s: int | None
    dwell_q3_s: int | None
    dwell_visits: dict[str, int]
    hours: list[Hour]
    stays: list[Stays]


class Task(NamedTuple):
    """Some stores' day, for one process."""

    folder: Folder
    place: Partition
    pieces: tuple[Piece, ...]


class Batch(NamedTuple):
    """What a task came to."""

    figures: list[StoreFigures]
    left_out: list[str]
    """Stores whose day cannot be read or counted."""


def batch(task: Task) -> Batch:
    """The figures of these store-days, read from the folder one after the other."""
    found, reader = Batch([], []), visit_files.Reader(task.folder)
    for piece in task.pieces:
        try:
            table = reader.table(piece)
            # Of a store that has moved to another region no rows are left here.
            if len(table):
                visits = visit_files.store_visits(piece.store, table)
                found.figures.append(of(visits, task.place.day))
        except FolderError:
            raise
        except Exception:  # noqa: BLE001 - whatever is wrong with one, the chain is counted
            found.left_out.append(piece.store)
    return found


def of(visits: StoreVisits, day: dt.date) -> StoreFigures:
    """What a store-day comes to."""
    rows = visits.rows
    found = visit_rows.figures(rows, day, visits.zone, visits.visitor_after_s)
    first, median, third = found.dwell_quartiles_s or (None, None, None)
    visitors = visit_rows.is_visitor(rows, visits.visitor_after_s)
    dwell_s, counts = np.unique(rows.dwell_s[visitors], return_counts=True)
    return StoreFigures(
        store=visits.store,
        passers_by=found.counts.passers_by,
        visitors=found.counts.visitors,
        entries=found.counts.entries,
        bounces=found.counts.bounces,
        dwell_q1_s=first,
        dwell_median_s=median,
        dwell_q3_s=third,
        dwell_visits=dict(found.dwell_visits),
        hours=[_hour(hour, visits.zone) for hour in found.hours],
        stays=[
            Stays(dwell_s=long, visitors=count)
            for long, count in zip(dwell_s.tolist(), counts.tolist(), strict=True)
        ],
    )


def _hour(found: HourFigures, zone: StoreZone) -> Hour:
    return Hour(
        hour=found.start.astimezone(zone).hour,
        passers_by=found.counts.passers_by,
        visitors=found.counts.visitors,
    )
