"""Reads frames from a capture file, pcap or pcapng, one at a time.

    pcap     header: magic, version, ..., link type | record: seconds, fraction,
             octets kept, octets on the air, frame | record ...
    pcapng   block: type, length, body, length | block ...
             section (byte order) > interface (link type, unit of time) > packet

Both come in either byte order, and may be packed with gzip. However long the file, no
more than a small piece of it is in memory, so a pipe will do as well.
"""

import contextlib
import gzip
import io
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, cast

from core.log import Log
from sniffer.frames import Frame

STANDARD_INPUT = "-"

# libpcap keeps no more than this of a frame; pcapng has other blocks, too. A record
# that claims more is a damaged one.
_LONGEST_RECORD = 262_144
_LONGEST_BLOCK = 1 << 24
_MOST_INTERFACES = 4096
_PIECE = 1 << 17

# Magic number -> byte order, how many fractions of its unit a microsecond has, and what
# a record's header has behind the usual: in Kuznetsov's variant, interface and protocol.
_PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1, ""),
    b"\xa1\xb2\xc3\xd4": (">", 1, ""),
    b"\x4d\x3c\xb2\xa1": ("<", 1000, ""),
    b"\xa1\xb2\x3c\x4d": (">", 1000, ""),
    b"\x34\xcd\xb2\xa1": ("<", 1, "8x"),
    b"\xa1\xb2\xcd\x34": (">", 1, "8x"),
}

# The type of a section block reads the same in both byte orders.
_SECTION = b"\x0a\x0d\x0d\x0a"
_SECTION_ORDER = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _ENHANCED_PACKET = 1, 2, 3, 6
_TIME_UNIT, _TIME_OFFSET = 9, 14

_GZIP = b"\x1f\x8b"
_OTHER_PACKERS = (b"BZh", b"\xfd7zX", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18")

# What a named tuple's own constructor does, in half the time.
_made = tuple.__new__
_log = Log("sniffer")


class CaptureFileError(Exception):
    """The file is missing or no capture. The message says which."""


class _DamageError(Exception):
    """From here on the file makes no sense. The message goes on from the file's name."""


# What gzip says of a file that is none, that breaks off, that was spoilt.
_GZIP_ERRORS = (gzip.BadGzipFile, EOFError, zlib.error)


class _Interface(NamedTuple):
    """What a pcapng file says of one interface it was recorded from."""

    link_type: int
    snap_length: int
    ticks_per_s: int = 1_000_000
    offset_us: int = 0


def read(path: str | Path) -> Iterator[Frame]:
    """All frames of a capture, in the order of the file.

    A file that breaks off in the middle of a record (the recording was killed, the
    disk was full) gives the frames before; a line in the log tells of it.

    Args:
        path: the file, or `-` for standard input.

    Raises:
        CaptureFileError: from the iterator; it cannot be opened, or is no pcap or
            pcapng file.
    """
    if str(path) == STANDARD_INPUT:
        return _frames(_standard_input, "standard input")
    return _frames(lambda: Path(path).open("rb"), str(path))


@contextlib.contextmanager
def _standard_input() -> Iterator[io.BufferedReader]:
    # Its type promises less than a stream of octets can do.
    stream = io.BufferedReader(cast("Any", sys.stdin.buffer))
    try:
        yield stream
    finally:
        # Or it would close what is not ours.
        stream.detach()


def _frames(
    opened: Callable[[], AbstractContextManager[io.BufferedReader]], name: str
) -> Iterator[Frame]:
    try:
        with opened() as file:
            try:
                frames = _after_header(_unpacked(file))
            except (_DamageError, *_GZIP_ERRORS) as error:
                raise CaptureFileError(f"{name} {_told(error)}") from error
            try:
                yield from frames
            except (_DamageError, *_GZIP_ERRORS) as error:
                _log.warning("capture file ends early", reason=_told(error))
    except OSError as error:
        raise CaptureFileError(f"{name} cannot be read: {error.strerror}") from error


def _unpacked(file: io.BufferedReader) -> io.BufferedReader:
    if file.peek(len(_GZIP)).startswith(_GZIP):
        return io.BufferedReader(gzip.GzipFile(fileobj=file), _PIECE)
    return file


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, _DamageError) else "is packed with gzip, and damaged"


def _after_header(stream: io.BufferedReader) -> Iterator[Frame]:
    magic = stream.read(4)
    if magic in _PCAP:
        order, fractions_per_us, extra = _PCAP[magic]
        # The upper half of the last field may tell of an FCS; the frames tell better.
        (link_type,) = struct.unpack(order + "16xI", _exactly(stream, 20))
        header = struct.Struct(f"{order}IIII{extra}")
        return _records(stream, header, fractions_per_us, link_type & 0xFFFF)
    if magic == _SECTION:
        return _packets(stream, _section(stream, _exactly(stream, 4)))
    if not magic:
        raise _DamageError("is empty")
    if magic.startswith(_OTHER_PACKERS):
        raise _DamageError("is packed, and not with gzip: unpack it first")
    raise _DamageError("is neither a pcap nor a pcapng file")


def _records(
    stream: io.BufferedReader, header: struct.Struct, fractions_per_us: int, link_type: int
) -> Iterator[Frame]:
    # By the piece: to read each record by itself would take twice as long.
    unpack, size = header.unpack_from, header.size
    piece, at = b"", 0
    while more := stream.read1(_PIECE):
        piece, at = piece[at:] + more, 0
        end = len(piece)
        while (begin := at + size) <= end:
            seconds, fraction, kept, on_air = unpack(piece, at)
            after = begin + kept
            if after > end:
                if kept > _LONGEST_RECORD:
                    raise _DamageError("has a record of impossible length")
                break
            at_us = seconds * 1_000_000 + fraction // fractions_per_us
            missing = on_air - kept if on_air > kept else 0
            yield _made(Frame, (at_us, link_type, piece[begin:after], missing))
            at = after
    if at < len(piece):
        raise _DamageError("breaks off in a record")


def _packets(stream: io.BufferedReader, order: str) -> Iterator[Frame]:
    interfaces: list[_Interface] = []
    at_us = 0
    header, packets = _layouts(order)
    while octets := stream.read(header.size):
        if octets.startswith(_SECTION):
            order = _section(stream, octets[4:])
            header, packets = _layouts(order)
            interfaces = []
            continue
        if len(octets) < header.size:
            raise _DamageError("breaks off in a block")
        kind, length = header.unpack(octets)
        body = _block(stream, length - 8)
        if kind in packets:
            frame = _packet(body, packets[kind], interfaces)
            at_us = frame.at_us
            yield frame
        elif kind == _INTERFACE:
            if len(interfaces) >= _MOST_INTERFACES:
                raise _DamageError("has more interfaces than any recording")
            interfaces.append(_interface(body, order))
        elif kind == _SIMPLE_PACKET:
            # It has no time of its own: at least it came after the one before.
            yield _simple_packet(body, order, interfaces, at_us)


def _layouts(order: str) -> tuple[struct.Struct, dict[int, struct.Struct]]:
    """Of a block's beginning, and of both sorts of packets."""
    packets = {_ENHANCED_PACKET: "IIIII", _OLD_PACKET: "HxxIIII"}
    return struct.Struct(order + "II"), {
        kind: struct.Struct(order + layout) for kind, layout in packets.items()
    }


def _section(stream: io.BufferedReader, length: bytes) -> str:
    """Read the rest of a section block. Gives the byte order of all that follows."""
    order = _SECTION_ORDER.get(_exactly(stream, 4))
    if order is None:
        raise _DamageError("has a section of unknown byte order")
    _block(stream, struct.unpack(order + "I", length)[0] - 12)
    return order


def _block(stream: io.BufferedReader, length: int) -> bytes:
    """The rest of a block, without the length that is repeated at its end."""
    if not 4 <= length <= _LONGEST_BLOCK:  # noqa: PLR2004 - the repeated length
        raise _DamageError("has a block of impossible length")
    return _exactly(stream, length)[:-4]


def _interface(body: bytes, order: str) -> _Interface:
    link_type, snap_length = _unpack(struct.Struct(order + "HxxI"), body)
    interface = _Interface(link_type, snap_length)
    at = 8
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        value = body[at + 4 : at + 4 + length]
        if code == _TIME_UNIT and len(value) == 1:
            base, exponent = (2, value[0] & 0x7F) if value[0] & 0x80 else (10, value[0])
            interface = interface._replace(ticks_per_s=base**exponent)
        elif code == _TIME_OFFSET and len(value) == 8:  # noqa: PLR2004 - a 64-bit integer
            (offset_s,) = struct.unpack(order + "q", value)
            interface = interface._replace(offset_us=offset_s * 1_000_000)
        at += 4 + length + -length % 4
    return interface


def _packet(octets: bytes, layout: struct.Struct, interfaces: list[_Interface]) -> Frame:
    number, high, low, kept, on_air = _unpack(layout, octets)
    if number >= len(interfaces) or 20 + kept > len(octets):
        raise _DamageError("has a packet that contradicts itself")
    link_type, _, ticks_per_s, offset_us = interfaces[number]
    at_us = (high << 32 | low) * 1_000_000 // ticks_per_s + offset_us
    missing = on_air - kept if on_air > kept else 0
    return _made(Frame, (at_us, link_type, octets[20 : 20 + kept], missing))


def _simple_packet(body: bytes, order: str, interfaces: list[_Interface], at_us: int) -> Frame:
    (on_air,) = _unpack(struct.Struct(order + "I"), body)
    if not interfaces:
        raise _DamageError("has a packet that contradicts itself")
    kept = min(on_air, interfaces[0].snap_length or on_air, len(body) - 4)
    return Frame(at_us, interfaces[0].link_type, body[4 : 4 + kept], on_air - kept)


def _unpack(layout: struct.Struct, body: bytes) -> tuple[int, ...]:
    if len(body) < layout.size:
        raise _DamageError("has a block that is too short")
    return layout.unpack_from(body)


def _exactly(stream: io.BufferedReader, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise _DamageError("breaks off in the middle")
    return data
