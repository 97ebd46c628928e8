"""Reads what drivers put before a frame ere radiotap had won; old captures have it still.

    Prism    code, length, name of the device | item: which, absent?, length, value | item ...
             in the byte order of the machine that recorded it
    AVS      version, length, times, kind of radio, channel, ..., unit of the signal, signal
             in network order; some put it where Prism is announced
    PPI      version, flags, length, link type | field: type, length, value | field ...

Each gives the same as `radiotap.parse`. Signals in units of a maker's own are not taken.
"""

import struct

from sniffer import radiotap
from sniffer.radiotap import Header

_PRISM_HEADER, _PRISM_ITEM = 24, 12
# Items are called by a number whose lower half differs between two families of drivers.
_PRISM_CHANNEL, _PRISM_SIGNAL = 3, 6

_AVS_VERSION = b"\x80\x21\x10\x01"
_AVS = struct.Struct(">4sI20xI12xIi")  # up to the signal
_AVS_DBM = 2

_PPI = struct.Struct("<BxHI")
_PPI_COMMON = 2
_PPI_COMMON_FIELD = struct.Struct("<8xHxxHxxxxb")
_PPI_HAS_FCS, _PPI_BAD_FCS, _PPI_BAD_PLCP = 0x01, 0x04, 0x08

_LINK_80211 = 105

# What a driver does not know it leaves at 0 or -128.
_PLAUSIBLE_DBM = range(-127, 0)


def parse_prism(data: bytes) -> Header | None:
    """Read a Prism header, or an AVS header in its place; None if it is neither."""
    if data.startswith(_AVS_VERSION):
        return parse_avs(data)
    if len(data) < _PRISM_HEADER:
        return None
    # A length has its octets other than 0 at the end where the order begins.
    order = "<" if data[7] == 0 else ">"
    (length,) = struct.unpack_from(order + "I", data, 4)
    if not _PRISM_HEADER <= length <= len(data):
        return None
    signal_dbm = frequency_mhz = None
    for at in range(_PRISM_HEADER, length - _PRISM_ITEM + 1, _PRISM_ITEM):
        kind, is_absent, value = struct.unpack_from(order + "IHxxi", data, at)
        number = kind >> 16 or kind >> 12 & 0xF
        if is_absent:
            continue
        if number == _PRISM_CHANNEL:
            frequency_mhz = _frequency_mhz(value)
        elif number == _PRISM_SIGNAL and value in _PLAUSIBLE_DBM:
            signal_dbm = value
    return length, 0, signal_dbm, frequency_mhz


def parse_avs(data: bytes) -> Header | None:
    """Read an AVS header; None if it is none."""
    if len(data) < _AVS.size:
        return None
    version, length, channel, unit, signal = _AVS.unpack_from(data)
    if version != _AVS_VERSION or not _AVS.size <= length <= len(data):
        return None
    is_dbm = unit == _AVS_DBM and signal in _PLAUSIBLE_DBM
    return length, 0, signal if is_dbm else None, _frequency_mhz(channel)


def parse_ppi(data: bytes) -> Header | None:
    """Read a header of Per-Packet Information before an 802.11 frame; None if it is none."""
    if len(data) < _PPI.size:
        return None
    version, length, link_type = _PPI.unpack_from(data)
    if version != 0 or link_type != _LINK_80211 or not _PPI.size <= length <= len(data):
        return None
    at = _PPI.size
    while at + 4 <= length:
        kind, size = struct.unpack_from("<HH", data, at)
        if kind == _PPI_COMMON and at + 4 + _PPI_COMMON_FIELD.size <= length:
            told, frequency_mhz, signal_dbm = _PPI_COMMON_FIELD.unpack_from(data, at + 4)
            flags = radiotap.HAS_FCS if told & _PPI_HAS_FCS else 0
            flags |= radiotap.BAD_FCS if told & _PPI_BAD_FCS else 0
            flags |= radiotap.BAD_PLCP if told & _PPI_BAD_PLCP else 0
            known_dbm = signal_dbm if signal_dbm in _PLAUSIBLE_DBM else None
            return length, flags, known_dbm, frequency_mhz or None
        at += 4 + size
    return length, 0, None, None


def _frequency_mhz(channel: int) -> int | None:
    """All of these are older than the band of 6 GHz."""
    if channel in range(1, 14):
        return 2407 + 5 * channel
    if channel == 14:  # noqa: PLR2004 - Japan's, apart from the others
        return 2484
    if channel in range(34, 178):
        return 5000 + 5 * channel
    return None
