"""What is kept of a flow: a row as it begins, and one as it ends, each of which says all of it.

Rows are NumPy's, in bulk: a busy store has thousands a second. For the disk they are put in the
order of phones, then column by column and octet by octet, so that like stands beside like.
"""

import enum
import ipaddress
import zlib

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.void]
"""One-dimensional, of type `ROW`."""

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

ADDRESS_OCTETS = 16
MAPPED = b"\0" * 10 + b"\xff\xff"
"""What stands before the four octets of an IPv4 address (RFC 4291, 2.5.5.2)."""
UNKNOWN_SECONDS = 2**32 - 1

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
_LEVEL = 6


class Event(enum.IntEnum):
    BEGUN = 1
    ENDED = 2
    RUNNING = 3
    """It had begun before anybody listened."""


class BadRowsError(Exception):
    """These octets are no rows."""


def empty(count: int = 0) -> Rows:
    return np.zeros(count, ROW)


def pack(rows: Rows) -> bytes:
    """The rows for the disk, in another order."""
    phones = rows["phone"].astype(np.uint64) @ (1 << np.arange(40, -1, -8, dtype=np.uint64))
    rows = rows[np.lexsort((rows["at"], phones, rows["event"]))]
    columns = []
    for name in ROW.names or ():
        column = rows[name]
        if name == "at":
            column = np.diff(column, prepend=np.uint64(0))
        elif name == "public_port":
            # Mostly the phone's own.
            column = column - rows["source_port"]
        octets = np.ascontiguousarray(column).view(np.uint8).reshape(len(rows), -1)
        columns.append(octets.T.tobytes())
    return zlib.compress(b"".join(columns), _LEVEL)


def unpack(packed: bytes, count: int) -> Rows:
    """So many rows.

    Raises:
        BadRowsError: they are not what `pack` has made.
    """
    if count > MOST_ROWS:
        raise BadRowsError("more rows than a block has")
    size = count * ROW.itemsize
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


def octets_of(address: IpAddress) -> bytes:
    return address.packed if address.version == 6 else MAPPED + address.packed  # noqa: PLR2004 - IPv6


def address_of(octets: bytes) -> IpAddress:
    read = ipaddress.IPv6Address(octets)
    return read.ipv4_mapped or read
