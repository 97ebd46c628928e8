"""Reads probe requests out of 802.11 frames. No radio, no clock, no database here.

What is in the frame, and what we take:

    radiotap                   FC DUR RA TA BSSID SEQ  elements          FCS
    signal, frequency, flags   type       sender  number  fingerprint    cut off

    octet  0   2    4    10   16     22   24 (28 if the order bit says so)
           FC  DUR  RA   TA   BSSID  SEQ  elements ...

- sender: 48 bit; most phones make one up, and `Mac.is_randomised` tells
- signal: dBm as the driver gives it, without a claim to be right; some leave it out
- elements: only their fingerprint. An SSID among them may name its owner's home, so
  no type in the project has a field that could hold one
- FCS: some drivers pass it on and say so, some pass it on and do not; then its own
  arithmetic (CRC-32) shows that it is there
"""

import enum
import struct
import zlib
from typing import NamedTuple

from core.mac import Mac
from sniffer import fingerprint, radiotap

# What a captured frame begins with: the LINKTYPE_ values that we read.
LINK_80211 = 105
LINK_RADIOTAP = 127

# Second octet of frame control, sender, sequence control.
_HEADER = struct.Struct("<xB8x6s6xH")
_PROBE_REQUEST = 0x40  # version 0, management, subtype 4
_ORDER = 0x80
_HT_CONTROL = 4
_FCS = 4
_NOBODY = bytes(6)

_NO_HEADER: radiotap.Header = (0, 0, None, None)

_CHANNELS: dict[int | None, int] = {
    **{2407 + 5 * number: number for number in range(1, 14)},
    2484: 14,
    **{5000 + 5 * number: number for number in range(7, 178)},
    **{5950 + 5 * number: number for number in range(1, 234)},
}


class Frame(NamedTuple):
    """A frame as a source hands it over. It is personal data: nothing may keep it."""

    at_us: int
    """When it was heard, in microseconds since 1970, UTC."""
    link_type: int
    data: bytes
    is_cut: bool = False
    """The capture kept only the beginning of the frame."""

    def __repr__(self) -> str:
        return "Frame(hidden)"


class Rejected(enum.StrEnum):
    """Why a frame gave no probe request. The sensor counts each reason."""

    OTHER_TYPE = "other_type"
    TRUNCATED = "truncated"
    BAD_RADIOTAP = "bad_radiotap"
    BAD_FCS = "bad_fcs"
    BAD_ADDRESS = "bad_address"
    BAD_ELEMENT = "bad_element"
    """An element claims to be longer than what there is of it, or there is none."""
    UNSUPPORTED_LINK = "unsupported_link"


class ProbeRequest(NamedTuple):
    sender: Mac
    signal_dbm: int | None
    channel: int | None
    """Channel the sensor listened on; the phone may have sent on the next one."""
    sequence: int
    """0 to 4095."""
    fingerprint: bytes
    """Never empty, and unkeyed: for memory alone. Where the elements say nothing, it
    stands for the sender, so that such frames link no two addresses."""

    def __repr__(self) -> str:
        return "ProbeRequest(hidden)"


# What a named tuple's own constructor does, in half the time.
_made = tuple.__new__


def decode(data: bytes, link_type: int, *, is_cut: bool = False) -> ProbeRequest | Rejected:
    """Read one captured frame. Raises nothing, whatever the octets are."""
    if link_type == LINK_RADIOTAP:
        header = radiotap.parse(data)
        if header is None:
            return Rejected.BAD_RADIOTAP
    elif link_type == LINK_80211:
        header = _NO_HEADER
    else:
        return Rejected.UNSUPPORTED_LINK

    length, flags, signal_dbm, frequency_mhz = header
    frame = data[length:]
    if flags & radiotap.BAD_FCS or len(frame) < _HEADER.size or frame[0] != _PROBE_REQUEST:
        return _why_not(frame, flags)
    control, sender, sequence_control = _HEADER.unpack_from(frame)
    if sender[0] & 1 or sender == _NOBODY:
        return Rejected.BAD_ADDRESS

    body = _HEADER.size + _HT_CONTROL if control & _ORDER else _HEADER.size
    looks = fingerprint.recall(frame[body:-_FCS] if flags & radiotap.HAS_FCS else frame[body:])
    if looks is None:
        looks = _looks(frame, body, flags, is_cut=is_cut)
        if looks is None:
            return Rejected.BAD_ELEMENT
    return _made(
        ProbeRequest,
        (
            Mac(sender),
            signal_dbm,
            _CHANNELS.get(frequency_mhz),
            sequence_control >> 4,
            looks or fingerprint.digest(sender),
        ),
    )


def _why_not(frame: bytes, flags: int) -> Rejected:
    if flags & radiotap.BAD_FCS:
        return Rejected.BAD_FCS
    if frame and frame[0] != _PROBE_REQUEST:
        return Rejected.OTHER_TYPE
    return Rejected.TRUNCATED


def _looks(frame: bytes, body: int, flags: int, *, is_cut: bool) -> bytes | None:
    """The fingerprint of elements not seen before."""
    if is_cut:
        return fingerprint.of_beginning(frame[body:])
    if _ends_in_fcs(frame):
        # Unless it was announced, the FCS alone made this frame look new.
        elements = frame[body:-_FCS]
        return fingerprint.recall(elements) or fingerprint.of(elements)
    if flags & radiotap.HAS_FCS:
        found = fingerprint.of(frame[body:-_FCS])
        if found is not None:
            return found
        # Somebody took the FCS away and left the flag.
    return fingerprint.of(frame[body:])


def _ends_in_fcs(frame: bytes) -> bool:
    return zlib.crc32(frame[:-_FCS]).to_bytes(_FCS, "little") == frame[-_FCS:]
