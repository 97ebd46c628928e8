"""The kernel's language for Wi-Fi: nl80211 messages as octets. Pure.

Names and numbers are those of linux/nl80211.h. A message is

    nlmsghdr | genlmsghdr: command u8, version u8, u16 | attributes

and its type is the number of the family, for which the kernel is asked first. A radio is a
*wiphy* there, and may carry several interfaces; they share its channel.
"""

import enum
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from core.netlink import (
    ACKNOWLEDGE,
    DUMP,
    REQUEST,
    BadMessageError,
    attribute,
    attributes,
    message,
)
from sniffer.radio.channels import Channel

CONTROLLER = 0x10
"""The family that knows the numbers of the others."""

_GENERIC = struct.Struct("=BBH")
_U16, _U32 = struct.Struct("=H"), struct.Struct("=I")

_GET_FAMILY, _FAMILY_ID, _FAMILY_NAME = 3, 1, 2

_GET_WIPHY, _SET_WIPHY = 1, 2
_GET_INTERFACE, _SET_INTERFACE = 5, 6

# Attributes: of a message, of a band, of a frequency.
_WIPHY, _INDEX, _NAME, _TYPE = 1, 3, 4, 5
_BANDS, _MODES, _FREQUENCY, _SSID, _IN_PARTS = 22, 32, 38, 52, 174
_BAND_FREQUENCIES = 1
_MHZ, _DISABLED = 1, 2


class Mode(enum.IntEnum):
    """What an interface does; the kernel calls it its type. Others are just numbers here."""

    STATION = 2
    ACCESS_POINT = 3
    MONITOR = 6


class Interface(NamedTuple):
    ifindex: int
    name: str
    radio: int
    mode: int
    is_connected: bool
    """It has a network's name: of the one it joined, or of the one it opens."""


class Radio(NamedTuple):
    number: int
    channels: tuple[Channel, ...]
    """What the regulations in force allow to listen on; some are not for sending."""
    can_monitor: bool


def ask_for_family(sequence: int) -> bytes:
    body = attribute(_FAMILY_NAME, b"nl80211\0")
    return _message(CONTROLLER, REQUEST, sequence, _GET_FAMILY, body)


def ask_for_interface(family: int, sequence: int, index: int) -> bytes:
    body = attribute(_INDEX, _U32.pack(index))
    return _message(family, REQUEST, sequence, _GET_INTERFACE, body)


def ask_for_interfaces(family: int, sequence: int) -> bytes:
    return _message(family, REQUEST | DUMP, sequence, _GET_INTERFACE)


def ask_for_radio(family: int, sequence: int, number: int) -> bytes:
    """Answered in parts: one message would be too small for today's radios."""
    body = attribute(_WIPHY, _U32.pack(number)) + attribute(_IN_PARTS, b"")
    return _message(family, REQUEST | DUMP, sequence, _GET_WIPHY, body)


def set_mode(family: int, sequence: int, index: int, mode: Mode) -> bytes:
    body = attribute(_INDEX, _U32.pack(index)) + attribute(_TYPE, _U32.pack(mode))
    return _message(family, REQUEST | ACKNOWLEDGE, sequence, _SET_INTERFACE, body)


def set_channel(family: int, sequence: int, index: int, channel: Channel) -> bytes:
    """Without a width it is 20 MHz, as all probe requests are."""
    body = attribute(_INDEX, _U32.pack(index)) + attribute(_FREQUENCY, _U32.pack(channel.mhz))
    return _message(family, REQUEST | ACKNOWLEDGE, sequence, _SET_WIPHY, body)


def read_family(body: bytes) -> int:
    """The number that the messages of nl80211 have as their type.

    Raises:
        BadMessageError: it is not told. So do all that read here.
    """
    return _u16(_told(body), _FAMILY_ID)


def read_interface(body: bytes) -> Interface | None:
    """None for what has no name, such as the device side of Wi-Fi Direct."""
    told = _told(body)
    if _NAME not in told or _INDEX not in told:
        return None
    return Interface(
        ifindex=_u32(told, _INDEX),
        name=told[_NAME].rstrip(b"\0").decode(errors="replace"),
        radio=_u32(told, _WIPHY),
        mode=_u32(told, _TYPE),
        is_connected=_SSID in told,
    )


def read_radio(bodies: Iterable[bytes]) -> Radio:
    """One radio, from all parts of the answer."""
    number, can_monitor = -1, False
    channels: set[Channel] = set()
    for body in bodies:
        told = _told(body)
        number = _u32(told, _WIPHY)
        modes = {kind for kind, _ in attributes(told.get(_MODES, b""))}
        can_monitor = can_monitor or Mode.MONITOR in modes
        channels.update(_channels(told.get(_BANDS, b"")))
    if number < 0:
        raise BadMessageError("no radio in the answer")
    return Radio(number, tuple(sorted(channels)), can_monitor)


def _channels(bands: bytes) -> Iterator[Channel]:
    for _, band in attributes(bands):
        for _, frequency in attributes(dict(attributes(band)).get(_BAND_FREQUENCIES, b"")):
            told = dict(attributes(frequency))
            if _DISABLED not in told:
                yield Channel(_u32(told, _MHZ))


def _told(body: bytes) -> dict[int, bytes]:
    if len(body) < _GENERIC.size:
        raise BadMessageError("a message without a command")
    return dict(attributes(body[_GENERIC.size :]))


def _u16(told: dict[int, bytes], kind: int) -> int:
    return _number(_U16, told, kind)


def _u32(told: dict[int, bytes], kind: int) -> int:
    return _number(_U32, told, kind)


def _number(form: struct.Struct, told: dict[int, bytes], kind: int) -> int:
    value = told.get(kind, b"")
    if len(value) != form.size:
        raise BadMessageError(f"attribute {kind} is missing or of another size")
    return int(form.unpack(value)[0])


def _message(family: int, flags: int, sequence: int, command: int, body: bytes = b"") -> bytes:
    return message(family, flags, sequence, _GENERIC.pack(command, 0, 0) + body)
