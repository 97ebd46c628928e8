"""What a phone of some model puts into a probe request after the SSID.

    rates | more rates | DS parameter | HT | extended | VHT | HE | EHT | vendors

as IEEE 802.11-2020 lays them out, HE and EHT as 802.11ax and 802.11be do. Versions of a
system differ in the extended capabilities; so do the looks of one phone, of which the second
is that of a scan by the older rules, without the high rates.
"""

import enum
import functools

from sniffer.scene.models import Model

_RATES, _DS_PARAMETER, _HT, _MORE_RATES = 1, 3, 45, 50
_EXTENDED, _VHT, _VENDOR, _EXTENSION = 127, 191, 221, 255
_INTERWORKING = 107
_HE, _EHT = 35, 108

_CCK = bytes.fromhex("02040b16")
_OFDM = bytes.fromhex("0c1218243048606c")
_FIVE = 14
"""The last channel at 2.4 GHz."""

_AMPDU = b"\x17"
_HT_LENGTH = 26
_VERSION_AT, _LOOK_AT = 2, 1


class Look(enum.IntEnum):
    """Which of its variants a probe request is; from MORE on each is another."""

    FULL = 0
    SHORT = 1
    MORE = 2


BARE = -1
"""A probe request of a radio left to itself: rates and nothing else."""


@functools.lru_cache(maxsize=4096)
def of(model: Model, version: int, look: int, channel: int) -> bytes:
    five = channel > _FIVE
    rates = _OFDM if five else _CCK
    parts = [_element(_RATES, rates if look != Look.SHORT or five else rates + _OFDM[:4])]
    if not five:
        parts.append(_element(_MORE_RATES, _OFDM if look != Look.SHORT else _OFDM[4:]))
    if look == BARE:
        return b"".join(parts)
    extended = _extended(model, version, look)
    if look == Look.SHORT:
        return b"".join((*parts, extended, *map(_vendor, model.vendors[:1])))
    if not five:
        parts.append(_element(_DS_PARAMETER, bytes((channel,))))
    parts += [_ht(model), extended, *_newer(model), *map(_vendor, model.vendors)]
    return b"".join(parts)


def _extended(model: Model, version: int, look: int) -> bytes:
    octets = bytearray(model.extended)
    if len(octets) > _VERSION_AT:
        octets[_VERSION_AT] ^= version
        octets[_LOOK_AT] ^= max(look - Look.SHORT, 0)
    interworking = _element(_INTERWORKING, b"\x0f") if look % 2 == 0 and look >= Look.MORE else b""
    return (_element(_EXTENDED, bytes(octets)) if octets else b"") + interworking


def _ht(model: Model) -> bytes:
    content = model.ht + _AMPDU + b"\xff" * model.streams
    return _element(_HT, content.ljust(_HT_LENGTH, b"\0"))


def _newer(model: Model) -> list[bytes]:
    """802.11ac, ax, be; some makers send the first at 2.4 GHz, too."""
    # Two bits for each of eight streams: 2 for all that the standard has, 3 for none.
    used = (1 << 2 * model.streams) - 1
    streams = (0xAAAA & used | 0xFFFF & ~used).to_bytes(2, "little")
    parts = []
    if model.vht:
        parts.append(_element(_VHT, model.vht + 2 * (streams + b"\0\0")))
    if model.he:
        parts.append(_extension(_HE, model.he + 2 * streams))
    if model.eht:
        parts.append(_extension(_EHT, model.eht + 3 * bytes((0x11 * model.streams,))))
    return parts


def _vendor(content: bytes) -> bytes:
    return _element(_VENDOR, content)


def _extension(number: int, content: bytes) -> bytes:
    return _element(_EXTENSION, bytes((number,)) + content)


def _element(tag: int, content: bytes) -> bytes:
    return bytes((tag, len(content))) + content
