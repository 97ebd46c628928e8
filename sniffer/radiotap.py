"""Reads the header that a monitor-mode driver puts before each frame (radiotap.org).

    octet 0        1    2        4                8
          version  pad  length   present word(s)  fields, each at its own alignment

Bit n of a present word says whether field n follows. Bit 31: another word follows.
Bit 29: that word starts again with field 0, for one antenna after the other.
Bit 30: that word is a vendor's; how many octets its fields take stands before them.
Bit 28: entries of type, length and value follow all fields; nothing we want is there.

Signal: the one of the first word, which is the driver's own for all antennas together.
Where there is none, the strongest antenna's: the others of a card may not be connected.
A signal in dB alone (field 12) is not taken: nobody knows what 0 dB stands for.

Where the fields lie depends on the present words alone (unless a vendor's octets lie in
between), so it is worked out once for each sort of header that the driver sends.
"""

import struct
from typing import NamedTuple, TypeAlias

HAS_FCS = 0x10
"""Flag: the frame's last four octets are its check sequence."""
BAD_FCS = 0x40
"""Flag: that sequence does not fit, the frame was damaged on the air."""
BAD_PLCP = 0x0200
"""Flag: the check of what goes before the frame on the air does not fit. (Two octets
of RX flags follow the eight flags; here they stand above them.)"""
NO_DATA = 0x1000000
"""Flag (ours): there is no frame. The header tells of a signal without contents."""

FIXED = 8

_FLAGS, _CHANNEL, _SIGNAL, _RX_FLAGS, _XCHANNEL, _AMPDU, _NO_PSDU = 1, 3, 5, 14, 18, 20, 26
_READ = (_FLAGS, _CHANNEL, _RX_FLAGS, _XCHANNEL, _AMPDU, _NO_PSDU)
_RESET, _VENDOR, _EXTENDED = 1 << 29, 1 << 30, 1 << 31
_TLV = 28
_EMPTY_SUBFRAME = 0x02  # of the A-MPDU status

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
    (4, 8),  # A-MPDU status: reference, flags, delimiter
    (2, 12),  # VHT
    (8, 12),  # timestamp
    (2, 12),  # HE
    (2, 12),  # HE-MU
    (2, 6),  # HE-MU of another user
    (1, 1),  # zero-length PSDU: its kind
    (2, 4),  # L-SIG
)

_SIGNED = tuple(range(128)) + tuple(range(-128, 0))

_VENDOR_HEADER = 6  # OUI, sub-namespace, length of what follows

# A driver sends a handful of sorts. More than this is a damaged file.
_MOST_LAYOUTS = 256


Header: TypeAlias = tuple[int, int, int | None, int | None]
"""Length, flags (0 if absent), signal in dBm, frequency in MHz (None: not told).
Without names, for they would double the time to make one."""


class Layout(NamedTuple):
    """Offset of each field we read, 0 where it is absent, and the least header length."""

    fields_at: int
    flags: int
    frequency: int
    signals: tuple[int, ...]
    """Of all antennas together, or of each."""
    rx_flags: int
    ampdu_flags: int
    is_empty: bool
    end: int
    is_plain: bool
    """It hangs on nothing else than the present words, and tells of nothing rare: frequency
    and one signal behind each other, and no sub-frames."""


_layouts: dict[bytes, Layout] = {}


def parse(data: bytes) -> Header | None:
    """Read the header at the beginning of `data`; None if it is none."""
    if len(data) < FIXED or data[0] != 0:
        return None
    length = data[2] | data[3] << 8
    layout = layout_of(data[:length])
    if layout is None or not layout.end <= length <= len(data):
        return None
    flags = data[layout.flags] if layout.flags else 0
    if layout.rx_flags:
        flags |= _u16(data, layout.rx_flags) << 8
    if layout.is_empty or (layout.ampdu_flags and data[layout.ampdu_flags] & _EMPTY_SUBFRAME):
        flags |= NO_DATA
    return (
        length,
        flags,
        max((_SIGNED[data[signal]] for signal in layout.signals), default=None),
        (_u16(data, layout.frequency) or None) if layout.frequency else None,
    )


def layout_of(header: bytes) -> Layout | None:
    """Where the fields of a header lie; None if it ends before they do."""
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
    layout = _layouts.get(key)
    if layout is None:
        layout = _work_out(header, words)
        if layout is not None and not _has_vendors(words):
            if len(_layouts) >= _MOST_LAYOUTS:
                _layouts.clear()
            _layouts[key] = layout
    return layout


def _work_out(header: bytes, words: list[int]) -> Layout | None:
    found: dict[int, int] = {}
    signals: list[int] = []
    at = 4 + 4 * len(words)
    is_vendors = False
    for word in words:
        fields = [] if is_vendors else [n for n in range(_TLV) if word >> n & 1]
        for field in fields:
            alignment, size = _FIELDS[field]
            at += -at % alignment
            if field == _SIGNAL:
                signals.append(at)
            found.setdefault(field, at)
            at += size
        if not is_vendors and word >> _TLV & 1:
            break
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
            # A word that went on from here would hold fields 32 and up, which stand in
            # entries of type, length and value.
            break
    if words[0] >> _SIGNAL & 1:
        signals = signals[:1]
    return _layout(words, found, signals)


def _has_vendors(words: list[int]) -> bool:
    """Behind a vendor's octets the layout hangs on how many there are, header by header."""
    return any(word & _VENDOR for word in words)


def _layout(words: list[int], found: dict[int, int], signals: list[int]) -> Layout:
    ends = [found[field] + _FIELDS[field][1] for field in _READ if field in found]
    frequency = found.get(_CHANNEL, 0)
    if not frequency and _XCHANNEL in found:
        frequency = found[_XCHANNEL] + 4
    flags, rx_flags = found.get(_FLAGS, 0), found.get(_RX_FLAGS, 0)
    is_in_order = len(signals) == 1 and flags < frequency < signals[0] < (rx_flags or 1 << 16)
    return Layout(
        fields_at=4 + 4 * len(words),
        flags=flags,
        frequency=frequency,
        signals=tuple(signals),
        rx_flags=rx_flags,
        ampdu_flags=found[_AMPDU] + 4 if _AMPDU in found else 0,
        is_empty=_NO_PSDU in found,
        end=max([*ends, *(signal + 1 for signal in signals)], default=FIXED),
        is_plain=is_in_order and not _has_vendors(words) and not {_AMPDU, _NO_PSDU} & set(found),
    )


def _u16(data: bytes, at: int) -> int:
    return data[at] | data[at + 1] << 8
