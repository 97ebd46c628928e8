"""Rows of the flow log as NumPy's, in bulk: for whoever looks into it."""

import zlib

import numpy as np
from numpy.typing import NDArray

from access_log.flows import records
from access_log.flows.records import ADDRESS_OCTETS

Rows = NDArray[np.void]
"""One-dimensional, of type `ROW`."""

ROW = np.dtype(
    [
        ("event", "u1"),
        # In milliseconds of UTC, since 1970.
        ("at", "<u8"),
        ("phone", "u1", (6,)),
        ("mark", "<u4"),
        ("source", "u1", (ADDRESS_OCTETS,)),
        ("source_port", "<u2"),
        # After translation: what the internet saw.
        ("public", "u1", (ADDRESS_OCTETS,)),
        ("public_port", "<u2"),
        ("destination", "u1", (ADDRESS_OCTETS,)),
        ("destination_port", "<u2"),
        ("protocol", "u1"),
        # Of an end alone, as are the next two.
        ("seconds", "<u4"),
        ("bytes_up", "<u8"),
        ("bytes_down", "<u8"),
    ]
)
# More than this comes from no block of ours: what it would unpack to fits into memory.
MOST_ROWS = 100_000


class BadRowsError(Exception):
    """These octets are no rows."""


def empty(count: int = 0) -> Rows:
    return np.zeros(count, ROW)


def unpack(packed: bytes, count: int) -> Rows:
    """So many rows.

    Raises:
        BadRowsError: they are not what `records.pack` has made.
    """
    if count > MOST_ROWS:
        raise BadRowsError("more rows than a block has")
    size = count * records.ROW.size
    unpacking = zlib.decompressobj()
    try:
        # One octet more, so that what is too long shows as that.
        octets = unpacking.decompress(packed, size + 1)
    except zlib.error as error:
        raise BadRowsError("not compressed rows") from error
    if len(octets) != size:
        raise BadRowsError("not as long as so many rows")
    rows, at = empty(count), 0
    for name in ROW.names or ():
        field = ROW[name]
        end = at + count * field.itemsize
        plane = np.frombuffer(octets[at:end], np.uint8).reshape(field.itemsize, count)
        column = np.ascontiguousarray(plane.T)
        rows[name] = column if field.shape else column.view(field).reshape(count)
        at = end
    rows["at"] = np.cumsum(rows["at"], dtype=np.uint64)
    rows["public_port"] += rows["source_port"]
    return rows
