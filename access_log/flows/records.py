"""What is kept of a flow: a row as it begins, and one as it ends, each of which says all of it.

Who writes holds rows as octets, one after the other, and loads nothing for it but the standard
library: it stays in memory for months. For the disk they are put in the order of phones, then
column by column and octet by octet, so that like stands beside like. Who reads has them as a table
(`access_log.flows.table`).
"""

import enum
import ipaddress
import itertools
import struct
import zlib
from typing import Final, NamedTuple

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

ADDRESS_OCTETS: Final = 16
MAPPED: Final = b"\0" * 10 + b"\xff\xff"
"""What stands before the four octets of an IPv4 address (RFC 4291, 2.5.5.2)."""
UNKNOWN_SECONDS: Final = 2**32 - 1
NOBODY: Final = bytes(6)
"""Instead of a phone's hardware address: it is not known."""

ROW: Final = struct.Struct("<BQ6sI16sH16sH16sHBIQQ")
"""In the order of `access_log.flows.table.ROW`."""
EVENT: Final = slice(0, 1)
AT: Final = slice(1, 9)
PHONE: Final = slice(9, 15)
MARK: Final = slice(15, 19)
SOURCE: Final = slice(19, 35)
SOURCE_PORT: Final = slice(35, 37)
PUBLIC: Final = slice(37, 53)
PUBLIC_PORT: Final = slice(53, 55)
DESTINATION: Final = slice(55, 71)
DESTINATION_PORT: Final = slice(71, 73)
PROTOCOL: Final = slice(73, 74)
SECONDS: Final = slice(74, 78)
BYTES_UP: Final = slice(78, 86)
BYTES_DOWN: Final = slice(86, 94)
# The most significant octet first, so that octets are in the order of their numbers.
_AT_REVERSED = slice(8, 0, -1)
# A higher one takes up to twice as long, for a fifteenth less.
_LEVEL: Final = 5


class Event(enum.IntEnum):
    BEGUN = 1
    ENDED = 2
    RUNNING = 3
    """It had begun before anybody listened."""


class Packed(NamedTuple):
    """Rows for the disk."""

    octets: bytes
    rows: int
    first_ms: int
    last_ms: int


def pack(rows: bytes | bytearray) -> Packed:
    """One row at least, for the disk, in another order."""
    size = ROW.size
    ordered = sorted((rows[at : at + size] for at in range(0, len(rows), size)), key=_order)
    octets = bytearray().join(ordered)
    count = len(ordered)
    del ordered
    times = struct.unpack(f"<{count}Q", _column(octets, AT))
    steps = (new - old & 2**64 - 1 for old, new in itertools.pairwise((0, *times)))
    put(octets, AT, struct.pack(f"<{count}Q", *steps))
    ports = (struct.unpack(f"<{count}H", _column(octets, at)) for at in (PUBLIC_PORT, SOURCE_PORT))
    # Mostly the phone's own.
    others = (public - source & 0xFFFF for public, source in zip(*ports, strict=True))
    put(octets, PUBLIC_PORT, struct.pack(f"<{count}H", *others))
    packing = zlib.compressobj(_LEVEL)
    planes = [packing.compress(octets[number::size]) for number in range(size)]
    return Packed(b"".join([*planes, packing.flush()]), count, min(times), max(times))


def named(row: bytes, phone: bytes) -> bytes:
    """The row, with whose it is."""
    return row[: PHONE.start] + phone + row[PHONE.stop :]


def put(rows: bytearray, column: slice, values: bytes) -> None:
    """Into each row its own value, which is as wide as the column."""
    width = column.stop - column.start
    for number in range(width):
        rows[column.start + number :: ROW.size] = values[number::width]


def _column(rows: bytearray, column: slice) -> bytearray:
    width = column.stop - column.start
    values = bytearray(len(rows) // ROW.size * width)
    for number in range(width):
        values[number::width] = rows[column.start + number :: ROW.size]
    return values


def _order(row: bytes | bytearray) -> bytes | bytearray:
    return row[EVENT] + row[PHONE] + row[_AT_REVERSED]


def octets_of(address: IpAddress) -> bytes:
    return address.packed if address.version == 6 else MAPPED + address.packed  # noqa: PLR2004 - IPv6


def address_of(octets: bytes) -> IpAddress:
    read = ipaddress.IPv6Address(octets)
    return read.ipv4_mapped or read
