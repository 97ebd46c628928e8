"""Reads visit rows, a store-day at a time: from the file that the store sent, or one of many."""

import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from analytics.visits.visit_rows import VisitRows
from core.clock import StoreZone
from hq.fleet.folder import COMPACTED, LANDED, TOGETHER, Entry, Folder, Partition
from hq.fleet.landing import INSIDE

STORES = b"doorman.stores"
"""Of a compacted file: the store of each of its row groups."""


class Piece(NamedTuple):
    """Where a store-day is."""

    store: str
    path: str
    group: int = 0
    """The row group of the file."""


class StoreVisits(NamedTuple):
    store: str
    zone: StoreZone
    visitor_after_s: int
    rows: VisitRows


def landed(entries: Iterable[Entry]) -> list[Piece]:
    return [Piece(store_of(entry), entry.path) for entry in entries]


def store_of(entry: Entry) -> str:
    """Of a landed file."""
    return entry.path.rsplit("/", 1)[-1].removesuffix(".parquet")


def everything(folder: Folder, place: Partition) -> list[Piece]:
    """All store-days of a partition: of what a store sent and what is compacted, the former."""
    found = landed(folder.files(place.folder(LANDED)))
    sent = {piece.store for piece in found}
    path = place.under(COMPACTED, TOGETHER)
    groups = enumerate(compacted_stores(folder, place))
    return found + [Piece(store, path, group) for group, store in groups if store not in sent]


def compacted_stores(folder: Folder, place: Partition) -> list[str]:
    try:
        with folder.open(place.under(COMPACTED, TOGETHER)) as file:
            metadata = parquet.ParquetFile(file).metadata.metadata
    except FileNotFoundError:
        return []
    stores: list[str] = json.loads(metadata[STORES])
    return stores


class Reader:
    """Reads pieces; of a file of many stores, that one follows the other is cheap."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._path = ""
        self._file: parquet.ParquetFile | None = None

    def table(self, piece: Piece) -> pa.Table:
        if piece.path != self._path or self._file is None:
            self._file = parquet.ParquetFile(_content(self._folder, piece))
            self._path = piece.path
        return self._file.read_row_group(piece.group)


def tables(folder: Folder, pieces: Iterable[Piece]) -> Iterator[tuple[str, pa.Table]]:
    """The rows of each, with its store. Pieces of one file follow each other."""
    reader = Reader(folder)
    for piece in pieces:
        yield piece.store, reader.table(piece)


def store_visits(store: str, table: pa.Table) -> StoreVisits:
    def first(column: str) -> str:
        return str(table[column][0].as_py())

    return StoreVisits(
        store,
        StoreZone.of(first("time_zone"), dt.time.fromisoformat(first("day_begins"))),
        int(table["visitor_after_s"][0].as_py()),
        VisitRows(
            table["minute"].to_numpy().astype(np.int64),
            pa.compute.equal(table["zone"], INSIDE).to_numpy(),
            table["dwell_s"].to_numpy().astype(np.int64),
        ),
    )


def _content(folder: Folder, piece: Piece) -> Any:
    """A store's own file in one request; of many stores' only what is asked for."""
    if piece.path.startswith(COMPACTED):
        return folder.open(piece.path)
    return io.BytesIO(folder.read(piece.path))
