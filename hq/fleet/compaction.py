"""Puts the files of a day's stores together, region by region: a file a store is many to list.

Only what is counted is put together (`hq.fleet.figures` looks for news among what was sent). A
store-day that comes later lies beside, and counts in place of the one that is compacted.
"""

import datetime as dt
import io
import json
from collections.abc import Iterable

from pyarrow import parquet

from core.settings import Settings
from hq.fleet import figures, folder, visit_files
from hq.fleet.folder import COMPACTED, LANDED, TOGETHER, Folder, Partition


def compact(settings: Settings, today: dt.date) -> int:
    """Put together what is old enough; returns how many files there are less."""
    where = folder.of(settings)
    before = today - dt.timedelta(days=settings.hq.fleet.compact_after_days)
    days = [day for day in where.days(LANDED) if day <= before]
    return sum(_region(where, place) for day in days for place in where.regions(LANDED, day))


def _region(where: Folder, place: Partition) -> int:
    entries = where.files(place.folder(LANDED))
    if not entries or not figures.is_counted(where, place):
        return 0
    pieces = visit_files.everything(where, place)
    content = _together(where, sorted(pieces, key=lambda piece: piece.path))
    together = place.under(COMPACTED, TOGETHER)
    if content:
        where.write(together, content)
    elif where.has(together):
        where.remove(together)
    # What was sent again meanwhile stays, and counts.
    return sum(where.remove_if_still(entry) for entry in entries) - 1


def _together(where: Folder, pieces: Iterable[visit_files.Piece]) -> bytes:
    """A row group for each store, so that one store can be read without the others.

    Nothing, if all of them have moved to other regions.
    """
    file = io.BytesIO()
    writer, stores = None, []
    for store, table in visit_files.tables(where, pieces):
        if not len(table):
            continue
        stores.append(store)
        plain = table.replace_schema_metadata(None)
        writer = writer or parquet.ParquetWriter(file, plain.schema, compression="zstd")
        writer.write_table(plain, row_group_size=max(len(plain), 1))
    if writer is not None:
        writer.add_key_value_metadata({visit_files.STORES: json.dumps(stores)})
        writer.close()
    return file.getvalue()
