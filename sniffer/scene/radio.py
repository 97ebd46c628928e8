"""802.11 frames as a card in monitor mode hands them over: radiotap | frame | FCS.

Scapy builds each sort of frame once; what differs from one to the next (sender,
sequence number, signal) is then put in at its place, which is a hundred times faster.
"""

import functools
import struct
import zlib

from scapy.layers.dot11 import (
    Dot11,
    Dot11Beacon,
    Dot11Elt,
    Dot11EltDSSSet,
    Dot11ProbeReq,
    Dot11QoS,
    RadioTap,
)

_BROADCAST = "ff:ff:ff:ff:ff:ff"
_NOBODY = "00:00:00:00:00:00"
_LAST_24 = 14
_SSID = 0
_SIGNAL_AT = 14
_SENDER_AT, _SENDER_END = 10, 16
_SEQUENCE_AT, _SEQUENCE_END = 22, 24
_SEQUENCE_NUMBERS = 4096


class Card:
    """One monitor interface; some drivers leave the frame check sequence on, some do not.

    Args:
        channel: the one it listens on, at 2.4 or 5 GHz.
        antenna: written into each frame, so that two cards can be told apart in one file.
        with_fcs: whether the check sequence is on.
    """

    def __init__(self, channel: int, antenna: int = 0, *, with_fcs: bool) -> None:
        self._header, self._with_fcs = _radiotap(channel, antenna, with_fcs), with_fcs

    def receive(self, frame: bytes, sender: bytes, sequence: int, signal_dbm: int) -> bytes:
        """What the interface gives for `frame`, sent by `sender` and heard with `signal_dbm`."""
        number = struct.pack("<H", sequence % _SEQUENCE_NUMBERS << 4)
        parts = (frame[:_SENDER_AT], sender, frame[_SENDER_END:_SEQUENCE_AT], number)
        sent = b"".join(parts) + frame[_SEQUENCE_END:]
        signal = struct.pack("<b", signal_dbm)
        heard = self._header[:_SIGNAL_AT] + signal + self._header[_SIGNAL_AT + 1 :]
        if self._with_fcs:
            return heard + sent + struct.pack("<I", zlib.crc32(sent))
        return heard + sent


def frequency_mhz(channel: int) -> int:
    if channel < _LAST_24:
        return 2407 + 5 * channel
    return 2484 if channel == _LAST_24 else 5000 + 5 * channel


def _radiotap(channel: int, antenna: int, with_fcs: bool) -> bytes:
    header = RadioTap(
        present="Flags+Rate+Channel+dBm_AntSignal+Antenna",
        Flags="FCS" if with_fcs else 0,
        Rate=1,
        ChannelFrequency=frequency_mhz(channel),
        ChannelFlags="CCK+2GHz" if channel <= _LAST_24 else "OFDM+5GHz",
        dBm_AntSignal=-1,
        Antenna=antenna,
    )
    return bytes(header)


def probe_request(elements: bytes, name: bytes = b"") -> bytes:
    """A probe request for any network, or for the one with that name."""
    return _probe_request_header() + bytes((_SSID, len(name))) + name + elements


@functools.cache
def _probe_request_header() -> bytes:
    header = Dot11(type=0, subtype=4, addr1=_BROADCAST, addr2=_NOBODY, addr3=_BROADCAST)
    return bytes(header / Dot11ProbeReq())


def beacon(access_point: str, name: bytes, channel: int) -> bytes:
    header = Dot11(type=0, subtype=8, addr1=_BROADCAST, addr2=access_point, addr3=access_point)
    body = Dot11Elt(ID="SSID", info=name) / Dot11EltDSSSet(channel=channel)
    return bytes(header / Dot11Beacon(cap="ESS+privacy") / body)


def data(access_point: str, phone: str, length: int) -> bytes:
    """An encrypted frame from a phone that is on the access point's network."""
    header = Dot11(
        type=2, subtype=8, FCfield="to_DS+protected", addr1=access_point, addr2=phone, addr3=phone
    )
    return bytes(header / Dot11QoS()) + bytes(length)
