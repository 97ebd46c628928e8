"""Reads the header that a monitor-mode driver puts before each frame (radiotap.org).

    octet 0        1    2        4                8
          version  pad  length   present word(s)  fields, each at its own alignment

Bit n of a present word says whether field n follows. Bit 31: another word follows.
Bit 29: that word starts again with field 0 (drivers repeat fields for each antenna).
Bit 30: that word is a vendor's; how many octets its fields take stands before them.

We take the first of each: flags, frequency, signal. Where they lie depends on the
present words alone (unless a vendor's octets lie in between), so it is worked out once
for each sort of header that the driver sends.
"""

import struct
from typing import NamedTuple, TypeAlias

HAS_FCS = 0x10
"""Flag: the frame's last four octets are its check sequence."""
BAD_FCS = 0x40
"""Flag: that sequence does not fit, the frame was damaged on the air."""

_FLAGS, _CHANNEL, _SIGNAL, _XCHANNEL = 1, 3, 5, 18
_RESET, _VENDOR, _EXTENDED = 1 << 29, 1 << 30, 1 << 31

# Type-length-value entries follow all fields so far; nothing we want is among them.
_TLV = 28

# (alignment, size) of fields 0 to 27.
_FIELDS = (
    (8, 8),  # TSFT
    (1, 1),  # flags
    (1, 1),  # rate
    (2, 4),  # channel: frequency, flags
    (2, 2),  # FHSS
    (1, 1),  # antenna signal, dBm
    (1, 1),  # antenna noise, dBm
    (2, 2),  # lock quality
    (2, 2),  # TX attenuation
    (2, 2),  # TX attenuation, dB
    (1, 1),  # TX power
    (1, 1),  # antenna
    (1, 1),  # antenna signal, dB
    (1, 1),  # antenna noise, dB
    (2, 2),  # RX flags
    (2, 2),  # TX flags
    (1, 1),  # RTS retries
    (1, 1),  # data retries
    (4, 8),  # XChannel: flags, frequency, channel, power
    (1, 3),  # MCS
    (4, 8),  # A-MPDU status
    (2, 12),  # VHT
    (8, 12),  # timestamp
    (2, 12),  # HE
    (2, 12),  # HE-MU
    (2, 6),  # HE-MU of another user
    (1, 1),  # zero-length PSDU
    (2, 4),  # L-SIG
)

_SIGNED = tuple(range(128)) + tuple(range(-128, 0))

_FIXED = 8
_VENDOR_HEADER = 6  # OUI, sub-namespace, length of what follows

# A driver sends a handful of sorts. More than this is a damaged file.
_MOST_LAYOUTS = 256


Header: TypeAlias = tuple[int, int, int | None, int | None]
"""Length, flags (0 if absent), signal in dBm, frequency in MHz (None: not told).
Without names, for they would double the time to make one."""


class _Layout(NamedTuple):
    """Offset of each field we read, 0 where it is absent, and the least header length."""

    flags: int
    frequency: int
    signal: int
    end: int


_layouts: dict[bytes, _Layout] = {}


def parse(data: bytes) -> Header | None:
    """Read the header at the beginning of `data`; None if it is none."""
    if len(data) < _FIXED or data[0] != 0:
        return None
    length = data[2] | data[3] << 8
    # Most headers have one present word; then these four octets are the cache's key.
    layout = _layouts.get(data[4:8]) or _layout_of(data[:length])
    if layout is None:
        return None
    flags, frequency, signal, end = layout
    if not end <= length <= len(data):
        return None
    return (
        length,
        data[flags] if flags else 0,
        _SIGNED[data[signal]] if signal else None,
        data[frequency] | data[frequency + 1] << 8 if frequency else None,
    )


def _layout_of(header: bytes) -> _Layout | None:
    words = []
    at = 4
    while at + 4 <= len(header):
        (word,) = struct.unpack_from("<I", header, at)
        words.append(word)
        at += 4
        if not word & _EXTENDED:
            break
    else:
        return None
    key = header[4:at]
    layout = _layouts.get(key) or _work_out(header, words)
    # Behind a vendor's octets the layout hangs on how many there are, header by header.
    if layout is not None and not any(word & _VENDOR for word in words):
        if len(_layouts) >= _MOST_LAYOUTS:
            _layouts.clear()
        _layouts[key] = layout
    return layout


def _work_out(header: bytes, words: list[int]) -> _Layout | None:
    found: dict[int, int] = {}
    at = 4 + 4 * len(words)
    is_vendors = False
    for word in words:
        fields = [] if is_vendors else [n for n in range(_TLV + 1) if word >> n & 1]
        for field in fields:
            if field == _TLV:
                return _layout(found)
            alignment, size = _FIELDS[field]
            at += -at % alignment
            found.setdefault(field, at)
            at += size
        if word & _VENDOR:
            at += -at % 2
            if at + _VENDOR_HEADER > len(header):
                return None
            (skipped,) = struct.unpack_from("<H", header, at + 4)
            at += _VENDOR_HEADER + skipped
            is_vendors = True
        elif word & _RESET:
            is_vendors = False
        elif not is_vendors:
            # A word that went on from here would hold fields 32 and up: none exist yet.
            break
    return _layout(found)


def _layout(found: dict[int, int]) -> _Layout:
    wanted = [field for field in (_FLAGS, _CHANNEL, _SIGNAL, _XCHANNEL) if field in found]
    end = max((found[field] + _FIELDS[field][1] for field in wanted), default=_FIXED)
    frequency = found.get(_CHANNEL, 0)
    if not frequency and _XCHANNEL in found:
        frequency = found[_XCHANNEL] + 4
    return _Layout(found.get(_FLAGS, 0), frequency, found.get(_SIGNAL, 0), end)
