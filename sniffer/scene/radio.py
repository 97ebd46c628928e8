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

CHANNELS = (1, 6, 11)

_BROADCAST = "ff:ff:ff:ff:ff:ff"
_NOBODY = "00:00:00:00:00:00"
_FREQUENCIES_MHZ = {1: 2412, 6: 2437, 11: 2462}
_SIGNAL_AT = 14
_SENDER_AT, _SENDER_END = 10, 16
_SEQUENCE_AT, _SEQUENCE_END = 22, 24
_SEQUENCE_NUMBERS = 4096


class Radio:
    """One monitor interface; some drivers leave the frame check sequence on, some do not."""

    def __init__(self, *, with_fcs: bool) -> None:
        self._with_fcs = with_fcs

    def receive(
        self, frame: bytes, sender: bytes, sequence: int, channel: int, signal_dbm: int
    ) -> bytes:
        """What the interface gives for `frame`, sent by `sender` and heard with `signal_dbm`."""
        number = struct.pack("<H", sequence % _SEQUENCE_NUMBERS << 4)
        parts = (frame[:_SENDER_AT], sender, frame[_SENDER_END:_SEQUENCE_AT], number)
        sent = b"".join(parts) + frame[_SEQUENCE_END:]
        header = _radiotap(channel, self._with_fcs)
        heard = header[:_SIGNAL_AT] + struct.pack("<b", signal_dbm) + header[_SIGNAL_AT + 1 :]
        if self._with_fcs:
            return heard + sent + struct.pack("<I", zlib.crc32(sent))
        return heard + sent


@functools.cache
def _radiotap(channel: int, with_fcs: bool) -> bytes:
    header = RadioTap(
        present="Flags+Rate+Channel+dBm_AntSignal+Antenna",
        Flags="FCS" if with_fcs else 0,
        Rate=1,
        ChannelFrequency=_FREQUENCIES_MHZ[channel],
        ChannelFlags="CCK+2GHz",
        dBm_AntSignal=-1,
        Antenna=0,
    )
    return bytes(header)


def probe_request(elements: bytes, name: bytes = b"") -> bytes:
    """A probe request for any network, or for the one with that name."""
    header = Dot11(type=0, subtype=4, addr1=_BROADCAST, addr2=_NOBODY, addr3=_BROADCAST)
    return bytes(header / Dot11ProbeReq() / Dot11Elt(ID="SSID", info=name)) + elements


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
