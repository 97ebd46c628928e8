"""Writes the visit rows of a store-day into the fleet's folder, as `doorman.visits.day` has them.

Whole and in place of what was there: the same event twice, or a later one of the same day,
leaves one file. Pandas and PyArrow are loaded on the first call, not with this module.
"""

import datetime as dt
import io
import re
import zoneinfo
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core import clock
from core.setting_groups.store import StoreSettings
from core.setting_groups.traffic import TrafficSettings
from core.settings import Settings
from hq.fleet import folder
from hq.fleet.folder import COMPACTED, LANDED, FolderError, Partition

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

INSIDE, OUTSIDE = "inside", "outside"
_STORE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_LONGEST_DAY_S = 24 * 3600
# Before Doorman there were no visits.
_FIRST = dt.date(2020, 1, 1)
_ROWS = ("minute", "zone", "dwell_s")
_MOST_ROWS = 1_000_000


class UnusableRowsError(ValueError):
    """An event that can never be landed; the message says what is wrong with it."""


def land(
    settings: Settings, *, store: str, region: str, data: Mapping[str, Any], now: dt.datetime
) -> None:
    """Write a store-day: one that can be counted, since a night counts the whole chain's.

    Args:
        settings: of headquarters; says where.
        store: who has sent it, whatever the event calls it.
        region: of the store; empty if it has none.
        data: of the event.
        now: the present moment, after which no day has ended.

    Raises:
        UnusableRowsError: for good; nothing is written.
        FolderError: for now; nothing is written.
    """
    try:
        day = _day(data["day"], now)
        columns = _columns(_name(store), day, data)
    except (KeyError, TypeError, ValueError, OSError) as error:
        # Values of an event are not for the log.
        raise UnusableRowsError(f"visit rows of another form: {type(error).__name__}") from None
    try:
        content = _parquet(columns)
        from hq.fleet import visit_files  # noqa: PLC0415 - as the module says
    except ImportError as error:
        raise FolderError("visit rows need more packages: install doorman[fleet]") from error
    place, where = Partition(day, region), folder.of(settings)
    where.write(place.under(LANDED, f"{store}.parquet"), content)
    # A store that has moved to another region would be there twice.
    for other in {*where.regions(LANDED, day), *where.regions(COMPACTED, day)} - {place}:
        path = other.under(LANDED, f"{store}.parquet")
        if store in visit_files.compacted_stores(where, other):
            # No rows, in place of those that lie there among other stores'.
            where.write(path, _parquet(columns | {name: columns[name][:0] for name in _ROWS}))
        elif where.has(path):
            where.remove(path)


def parquet(table: "pa.Table", **options: Any) -> bytes:
    """A table as a file."""
    from pyarrow import parquet as written  # noqa: PLC0415 - as the module says

    file = io.BytesIO()
    written.write_table(table, file, compression="zstd", **options)
    return file.getvalue()


def _name(store: str) -> str:
    if not _STORE.fullmatch(store):
        raise ValueError("no store's name")
    return store


def _day(text: str, now: dt.datetime) -> dt.date:
    day = dt.date.fromisoformat(text)
    # Somewhere it is tomorrow already.
    if not _FIRST <= day <= now.date() + dt.timedelta(days=1):
        raise ValueError("no day of ours")
    return day


def _columns(store: str, day: dt.date, data: Mapping[str, Any]) -> dict[str, Any]:
    """Rows in order of time; of each column the values, or the one that all rows have."""
    import numpy as np  # noqa: PLC0415 - as the module says

    zone = zoneinfo.ZoneInfo(data["time_zone"]).key
    begins = data["day_begins"]
    start, end = clock.day_bounds(day, StoreSettings(time_zone=zone, day_begins=begins).zone)
    last_minute = (end - start) // dt.timedelta(minutes=1)
    [visitor_after_s] = _wholes([data["visitor_after_s"]], _LONGEST_DAY_S)
    TrafficSettings(visitor_after_s=visitor_after_s)
    passed = _wholes(data["passed"], last_minute)
    came = _wholes(data["inside"]["minute"], last_minute)
    dwell_s = _wholes(data["inside"]["dwell_s"], _LONGEST_DAY_S)
    if len(came) != len(dwell_s) or not 0 < len(came) + len(passed) <= _MOST_ROWS:
        raise ValueError("columns do not match")
    minute = np.concatenate([came, passed])
    order = np.argsort(minute, kind="stable")
    return {
        "store": store,
        "minute": minute[order],
        "zone": np.repeat([0, 1], [len(came), len(passed)])[order],
        "dwell_s": np.concatenate([dwell_s, np.zeros(len(passed), np.int64)])[order],
        "visitor_after_s": visitor_after_s,
        "time_zone": zone,
        "day_begins": begins,
    }


def _wholes(values: Sequence[int], most: int) -> "npt.NDArray[np.int64]":
    import numpy as np  # noqa: PLC0415 - as the module says

    found = np.array(values or np.zeros(0, np.int64))
    if found.dtype.kind != "i" or found.ndim != 1 or ((found < 0) | (found > most)).any():
        raise ValueError("no such number")
    return found


def _parquet(columns: Mapping[str, Any]) -> bytes:
    import numpy as np  # noqa: PLC0415 - as the module says
    import pyarrow as pa  # noqa: PLC0415 - as the module says

    rows = len(columns["minute"])

    def word(index: Any, *words: str) -> "pa.Array":
        return pa.DictionaryArray.from_arrays(pa.array(index, pa.int32()), list(words))

    def same(text: str) -> "pa.Array":
        return word(np.zeros(rows, np.int32), text)

    arrays = {
        "store": same(columns["store"]),
        "minute": pa.array(columns["minute"], pa.int16()),
        "zone": word(columns["zone"], INSIDE, OUTSIDE),
        "dwell_s": pa.array(columns["dwell_s"], pa.int32()),
        "visitor_after_s": pa.array(np.full(rows, columns["visitor_after_s"]), pa.int32()),
        "time_zone": same(columns["time_zone"]),
        "day_begins": same(columns["day_begins"]),
    }
    return parquet(pa.table(arrays))
