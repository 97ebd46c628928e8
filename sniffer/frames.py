"""Reads probe requests out of 802.11 frames. No radio, no clock, no database here.

What is in the frame, and what we take:

    radiotap                   FC DUR RA TA BSSID SEQ  elements          FCS
    signal, frequency, flags   type       sender  number  fingerprint    cut off

    octet  0   2    4    10   16     22   24 (28 if the order bit says so)
           FC  DUR  RA   TA   BSSID  SEQ  elements ...

- sender: 48 bit; most phones make one up, and `Mac.is_randomised` tells
- signal: dBm as the driver gives it, without a claim to be right; some leave it out
- frequency: of the channel; the bands number their channels alike, so no number is kept
- elements: only their fingerprint. An SSID among them may name its owner's home, so
  no type in the project has a field that could hold one
- FCS: some drivers pass it on and say so, some pass it on and do not; then its own
  arithmetic (CRC-32) shows that it is there
- padding (radiotap flag 0x20): after a header whose length is no multiple of four;
  ours has 24 octets or 28, so there is none
"""

import enum
import struct
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from core.mac import Mac
from sniffer import fingerprint, older_headers, radiotap
from sniffer.fingerprint import recall

# What a captured frame begins with: the LINKTYPE_ values that we read.
LINK_80211 = 105
LINK_PRISM = 119
LINK_RADIOTAP = 127
LINK_AVS = 163
LINK_PPI = 192

# Frame control, sender, sequence control.
_HEADER = struct.Struct("<BB8x6s6xH")
_HEADER_SIZE = _HEADER.size
_PROBE_REQUEST = 0x40  # version 0, management, subtype 4
_ORDER = 0x80
_HT_CONTROL = 4
_FCS = 4
_NOBODY = bytes(6)

# Names of this module's own, because it looks them up for each frame.
_FIXED, _HAS_FCS = radiotap.FIXED, radiotap.HAS_FCS
_BAD_FCS, _BAD_PLCP = radiotap.BAD_FCS, radiotap.BAD_PLCP

_NO_HEADER: radiotap.Header = (0, 0, None, None)
_HEADER_READERS: dict[int, Callable[[bytes], radiotap.Header | None]] = {
    LINK_80211: lambda _: _NO_HEADER,
    LINK_PRISM: older_headers.parse_prism,
    LINK_RADIOTAP: radiotap.parse,
    LINK_AVS: older_headers.parse_avs,
    LINK_PPI: older_headers.parse_ppi,
}


class Frame(NamedTuple):
    """A frame as a source hands it over. It is personal data: nothing may keep it."""

    at_us: int
    """When it was heard, in microseconds since 1970, UTC."""
    link_type: int
    data: bytes
    missing: int = 0
    """How many octets at its end the capture did not keep."""

    def __repr__(self) -> str:
        return "Frame(hidden)"


class Rejected(enum.StrEnum):
    """Why a frame gave no probe request. The sensor counts each reason."""

    OTHER_TYPE = "other_type"
    TRUNCATED = "truncated"
    """It ends before its elements begin."""
    NO_DATA = "no_data"
    """The driver tells of a signal that carried no frame."""
    BAD_HEADER = "bad_header"
    """What the driver put before the frame (radiotap or an older one) makes no sense."""
    BAD_FCS = "bad_fcs"
    BAD_PLCP = "bad_plcp"
    """As BAD_FCS, damaged on the air: the check of what goes before the frame failed."""
    BAD_ADDRESS = "bad_address"
    BAD_ELEMENT = "bad_element"
    """An element claims to be longer than what there is of it, or there is none."""
    UNSUPPORTED_LINK = "unsupported_link"


class ProbeRequest(NamedTuple):
    """What is taken of one. It is personal data: only its pseudonyms may be kept."""

    address: bytes
    """The sender's, bare, to make a pseudonym of. All else calls `sender`, which hides it;
    to make that for each frame would take a third of the decoder's time."""
    signal_dbm: int | None
    frequency_mhz: int | None
    """Of the channel the sensor listened on; the phone may have sent on the next one."""
    sequence: int
    """0 to 4095."""
    fingerprint: bytes
    """Never empty, and unkeyed: for memory alone. Where the elements say nothing, it
    stands for the sender, so that such frames link no two addresses."""
    is_cut: bool = False
    """The capture kept only some of the elements. Such a fingerprint tells less, and equals
    none of a whole frame."""

    @property
    def sender(self) -> Mac:
        return Mac(self.address)

    @property
    def is_randomised(self) -> bool:
        return bool(self.address[0] & 0x02)

    def __repr__(self) -> str:
        return "ProbeRequest(hidden)"


# What a named tuple's own constructor does, in half the time.
_made = tuple.__new__


# How to read in one go all frames that begin with the same eight octets, which are
# version, length and first present word. Whatever the driver, nearly all its frames are
# of a few sorts, and as usual in all that `decode` asks.
#   - least length of the frame with its header
#   - where the elements begin
#   - the present words after the first, which lie behind the eight octets
#   - whether a check sequence follows that is not announced
#   - flags, frequency, signal, RX flags (empty if absent), frame control (two octets),
#     sender, sequence control
# Without names, for to take those apart would cost as much as to read the frame.
_Sort: TypeAlias = tuple[int, int, bytes, bool, Callable[[bytes], tuple[Any, ...]]]
_sorts: dict[bytes, _Sort] = {}
_MOST_SORTS = 256


def decode(data: bytes, link_type: int, *, missing: int = 0) -> ProbeRequest | Rejected:
    """Read one captured frame. Raises nothing, whatever the octets are.

    Args:
        data: what the capture kept of it.
        link_type: what it begins with, one of the LINK_ values.
        missing: how many octets at its end were not kept.
    """
    if (
        link_type == LINK_RADIOTAP
        and not missing
        and (sort := _sorts.get(data[:8])) is not None
        and len(data) >= sort[0]
    ):
        _, at, words, hides_fcs, unpack = sort
        flags, mhz, signal, rx_flags, kind, control, sender, number = unpack(data)
        if (
            kind == _PROBE_REQUEST
            and control < _ORDER
            and not flags & _BAD_FCS
            and not (rx_flags and rx_flags << 8 & _BAD_PLCP)
            and not sender[0] & 1
            and sender != _NOBODY
            and (not words or data.startswith(words, _FIXED))
        ):
            has_fcs = flags & _HAS_FCS or (hides_fcs and _ends_in_fcs(data[at - _HEADER_SIZE :]))
            looks = recall(data, at, len(data) - _FCS if has_fcs else len(data))
            if looks is not None:
                return _made(ProbeRequest, (sender, signal, mhz or None, number >> 4, looks, False))
    return _decode_any(data, link_type, missing)


def _decode_any(data: bytes, link_type: int, missing: int) -> ProbeRequest | Rejected:
    """What `decode` does, for frames that are not as usual or of a new sort."""
    read = _HEADER_READERS.get(link_type)
    if read is None:
        return Rejected.UNSUPPORTED_LINK
    header = read(data)
    if header is None:
        return Rejected.BAD_HEADER
    length, flags, signal_dbm, frequency_mhz = header
    frame = data[length:]
    if reason := _why_not(frame, flags):
        return reason
    _, control, sender, sequence_control = _HEADER.unpack_from(frame)
    if sender[0] & 1 or sender == _NOBODY:
        return Rejected.BAD_ADDRESS
    body = frame[_HEADER.size + _HT_CONTROL if control & _ORDER else _HEADER.size :]
    of_fcs = _FCS if flags & _HAS_FCS else 0
    is_cut = missing > of_fcs
    looks = (
        fingerprint.of_beginning(body, missing - of_fcs)
        if is_cut
        else _looks(frame, body, of_fcs - missing if of_fcs else 0)
    )
    if looks is None:
        return Rejected.BAD_ELEMENT
    if link_type == LINK_RADIOTAP:
        _learn_sort(data, length, hides_fcs=not of_fcs and _ends_in_fcs(frame))
    return ProbeRequest(
        address=sender,
        signal_dbm=signal_dbm,
        frequency_mhz=frequency_mhz,
        sequence=sequence_control >> 4,
        fingerprint=looks or fingerprint.digest(sender),
        is_cut=is_cut,
    )


def _why_not(frame: bytes, flags: int) -> Rejected | None:
    if flags & radiotap.NO_DATA:
        return Rejected.NO_DATA
    if flags & _BAD_FCS:
        return Rejected.BAD_FCS
    if flags & _BAD_PLCP:
        return Rejected.BAD_PLCP
    if frame and frame[0] != _PROBE_REQUEST:
        return Rejected.OTHER_TYPE
    return Rejected.TRUNCATED if len(frame) < _HEADER.size else None


def _looks(frame: bytes, body: bytes, of_fcs: int) -> bytes | None:
    """The fingerprint of whole elements, whatever is said of the check sequence behind."""
    if _ends_in_fcs(frame):
        return fingerprint.of(body[:-_FCS])
    if of_fcs:
        found = fingerprint.of(body[:-of_fcs])
        if found is not None:
            return found
        # Somebody took the FCS away and left the flag.
    return fingerprint.of(body)


def _ends_in_fcs(frame: bytes) -> bool:
    return zlib.crc32(frame[:-_FCS]).to_bytes(_FCS, "little") == frame[-_FCS:]


def _learn_sort(data: bytes, length: int, *, hides_fcs: bool) -> None:
    """Note how the frame was read, for those that begin like it, unless it is a rare case."""
    known = _sorts.get(data[:_FIXED])
    if known is not None and data.startswith(known[2], _FIXED) and (known[3] or not hides_fcs):
        return
    layout = radiotap.layout_of(data[:length])
    if layout is None or not layout.is_plain:
        return
    # Where there are no flags, the version stands for them: it is 0.
    wanted = [
        (layout.flags, "B"),
        (layout.frequency, "H"),
        (layout.signals[0], "b"),
        (layout.rx_flags, "H") if layout.rx_flags else (layout.signals[0] + 1, "0s"),
        (length, "BB8x6s6xH"),
    ]
    written, at = "<", 0
    for offset, code in wanted:
        written += f"{offset - at}x{code}"
        at = offset + struct.calcsize("<" + code)
    if len(_sorts) >= _MOST_SORTS:
        _sorts.clear()
    words = data[_FIXED : layout.fields_at]
    _sorts[data[:_FIXED]] = (at + 2, at, words, hides_fcs, struct.Struct(written).unpack_from)
