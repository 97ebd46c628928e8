"""Reads frames from a capture file, pcap or pcapng, one at a time.

    pcap     header: magic, version, ..., link type | record: seconds, fraction,
             octets kept, octets on the air, frame | record ...
    pcapng   block: type, length, body, length | block ...
             section (byte order) > interface (link type, unit of time) > packet

Both come in either byte order. However long the file, no more than one record of it
is in memory, so a pipe will do as well.
"""

import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from core.log import Log
from sniffer.frames import Frame

STANDARD_INPUT = "-"

# libpcap keeps no more than this of a frame; pcapng has other blocks, too. A record
# that claims more is a damaged one.
_LONGEST_RECORD = 262_144
_LONGEST_BLOCK = 1 << 24

# Magic number -> byte order, and how many fractions of its unit a microsecond has.
_PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1),
    b"\xa1\xb2\xc3\xd4": (">", 1),
    b"\x4d\x3c\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\x3c\x4d": (">", 1000),
}

# The type of a section block reads the same in both byte orders.
_SECTION = b"\x0a\x0d\x0d\x0a"
_SECTION_ORDER = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _ENHANCED_PACKET = 1, 2, 3, 6
_TIME_UNIT, _TIME_OFFSET = 9, 14

# What a named tuple's own constructor does, in half the time.
_made = tuple.__new__
_log = Log("sniffer")


class CaptureFileError(Exception):
    """The file is missing or no capture. The message says which."""


class _DamageError(Exception):
    """From here on the file makes no sense. The message goes on from the file's name."""


class _Interface(NamedTuple):
    """What a pcapng file says of one interface it was recorded from."""

    link_type: int
    snap_length: int
    ticks_per_s: int = 1_000_000
    offset_s: int = 0

    def time_us(self, ticks: int) -> int:
        return ticks * 1_000_000 // self.ticks_per_s + self.offset_s * 1_000_000


def read(path: str | Path) -> Iterator[Frame]:
    """All frames of a capture, in the order of the file.

    A file that breaks off in the middle of a record (the recording was killed, the
    disk was full) gives the frames before; a line in the log tells of it.

    Args:
        path: the file, or `-` for standard input.

    Raises:
        CaptureFileError: it cannot be opened, or is no pcap or pcapng file.
    """
    if str(path) == STANDARD_INPUT:
        yield from _frames(sys.stdin.buffer, "standard input")
        return
    try:
        with Path(path).open("rb") as stream:
            yield from _frames(stream, str(path))
    except OSError as error:
        raise CaptureFileError(f"{path} cannot be read: {error.strerror}") from error


def _frames(stream: BinaryIO, name: str) -> Iterator[Frame]:
    try:
        frames = _after_header(stream)
    except _DamageError as error:
        raise CaptureFileError(f"{name} {error}") from error
    try:
        yield from frames
    except _DamageError as error:
        _log.warning("capture file ends early", reason=str(error))


def _after_header(stream: BinaryIO) -> Iterator[Frame]:
    magic = stream.read(4)
    if magic in _PCAP:
        order, fractions_per_us = _PCAP[magic]
        # The upper half of the last field may tell of an FCS; the frames tell better.
        (link_type,) = struct.unpack(order + "16xI", _exactly(stream, 20))
        return _records(stream, order, fractions_per_us, link_type & 0xFFFF)
    if magic == _SECTION:
        return _packets(stream, _section(stream, _exactly(stream, 4)))
    if not magic:
        raise _DamageError("is empty")
    if magic.startswith(b"\x1f\x8b"):
        raise _DamageError("is compressed: unpack it with gunzip first")
    if magic in (b"\x34\xcd\xb2\xa1", b"\xa1\xb2\xcd\x34"):
        raise _DamageError("is of an old variant of pcap: convert it with editcap first")
    raise _DamageError("is neither a pcap nor a pcapng file")


def _records(
    stream: BinaryIO, order: str, fractions_per_us: int, link_type: int
) -> Iterator[Frame]:
    header = struct.Struct(order + "IIII")
    while octets := stream.read(header.size):
        if len(octets) < header.size:
            raise _DamageError("breaks off in a record")
        seconds, fraction, kept, on_air = header.unpack(octets)
        if kept > _LONGEST_RECORD:
            raise _DamageError("has a record of impossible length")
        data = stream.read(kept)
        if len(data) < kept:
            raise _DamageError("breaks off in a record")
        at_us = seconds * 1_000_000 + fraction // fractions_per_us
        yield _made(Frame, (at_us, link_type, data, max(on_air - kept, 0)))


def _packets(stream: BinaryIO, order: str) -> Iterator[Frame]:
    interfaces: list[_Interface] = []
    at_us = 0
    while octets := stream.read(8):
        if octets[:4] == _SECTION:
            order = _section(stream, octets[4:])
            interfaces = []
            continue
        if len(octets) < 8:  # noqa: PLR2004 - what was asked for
            raise _DamageError("breaks off in a block")
        kind, length = struct.unpack(order + "II", octets)
        body = _block(stream, length - 8)
        if kind == _INTERFACE:
            interfaces.append(_interface(body, order))
        elif kind in (_ENHANCED_PACKET, _OLD_PACKET):
            frame = _packet(
                body, order + ("IIIII" if kind == _ENHANCED_PACKET else "HxxIIII"), interfaces
            )
            at_us = frame.at_us
            yield frame
        elif kind == _SIMPLE_PACKET:
            # It has no time of its own: at least it came after the one before.
            yield _simple_packet(body, order, interfaces, at_us)


def _section(stream: BinaryIO, length: bytes) -> str:
    """Read the rest of a section block. Gives the byte order of all that follows."""
    order = _SECTION_ORDER.get(_exactly(stream, 4))
    if order is None:
        raise _DamageError("has a section of unknown byte order")
    _block(stream, struct.unpack(order + "I", length)[0] - 12)
    return order


def _block(stream: BinaryIO, length: int) -> bytes:
    """The rest of a block, without the length that is repeated at its end."""
    if not 4 <= length <= _LONGEST_BLOCK:  # noqa: PLR2004 - the repeated length
        raise _DamageError("has a block of impossible length")
    return _exactly(stream, length)[:-4]


def _interface(body: bytes, order: str) -> _Interface:
    link_type, snap_length = _unpack(order + "HxxI", body)
    interface = _Interface(link_type, snap_length)
    at = 8
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        value = body[at + 4 : at + 4 + length]
        if code == _TIME_UNIT and len(value) == 1:
            base, exponent = (2, value[0] & 0x7F) if value[0] & 0x80 else (10, value[0])
            interface = interface._replace(ticks_per_s=base**exponent)
        elif code == _TIME_OFFSET and len(value) == 8:  # noqa: PLR2004 - a 64-bit integer
            interface = interface._replace(offset_s=struct.unpack(order + "q", value)[0])
        at += 4 + length + -length % 4
    return interface


def _packet(body: bytes, layout: str, interfaces: list[_Interface]) -> Frame:
    number, high, low, kept, on_air = _unpack(layout, body)
    if number >= len(interfaces) or 20 + kept > len(body):
        raise _DamageError("has a packet that contradicts itself")
    interface = interfaces[number]
    at_us = interface.time_us(high << 32 | low)
    return Frame(at_us, interface.link_type, body[20 : 20 + kept], max(on_air - kept, 0))


def _simple_packet(body: bytes, order: str, interfaces: list[_Interface], at_us: int) -> Frame:
    (on_air,) = _unpack(order + "I", body)
    if not interfaces:
        raise _DamageError("has a packet that contradicts itself")
    kept = min(on_air, interfaces[0].snap_length or on_air, len(body) - 4)
    return Frame(at_us, interfaces[0].link_type, body[4 : 4 + kept], on_air - kept)


def _unpack(layout: str, body: bytes) -> tuple[int, ...]:
    if len(body) < struct.calcsize(layout):
        raise _DamageError("has a block that is too short")
    return struct.unpack_from(layout, body)


def _exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise _DamageError("breaks off in the middle")
    return data
