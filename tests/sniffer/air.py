"""A monitor-mode interface without a radio: a TAP device that says it carries radiotap."""

import contextlib
import fcntl
import os
import select
import struct
from collections.abc import Iterator

from tests.lab.namespace import Namespace
from tests.sniffer.octets import PHONE, dot11, probe_request, radiotap

RADIOTAP, ETHERNET = 803, 1

_TUNSETIFF, _TUNSETLINK = 0x400454CA, 0x400454CD
_TAP_WITHOUT_HEADER = 0x1002

OTHERS = [
    radiotap() + dot11(control=0x0080),
    radiotap() + dot11(control=0x0050),
    radiotap() + dot11(control=0x0841) + bytes(900),
    radiotap() + b"\xd4\0\0\0" + PHONE,
    radiotap(),
    radiotap()[:14] + dot11(),
    b"\0\0\xff\x7f" + probe_request()[4:],
]
"""All that is on the air but probe requests."""


class Radio:
    """The other end of the device: what is written here is heard on the interface."""

    def __init__(self, name: str, link_type: int = RADIOTAP) -> None:
        self.name = name
        self.handle: int | None = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        request = struct.pack("16sH22x", name.encode(), _TAP_WITHOUT_HEADER)
        fcntl.ioctl(self.handle, _TUNSETIFF, request)
        self.become(link_type)

    def become(self, link_type: int) -> None:
        """The interface has to be down."""
        fcntl.ioctl(self.handle, _TUNSETLINK, link_type)

    def play(self, *frames: bytes) -> None:
        for frame in frames:
            os.write(self.handle, frame)

    def sent(self, *, within_s: float) -> bool:
        """Whether the interface was made to send anything."""
        return bool(select.select([self.handle], [], [], within_s)[0])

    def remove(self) -> None:
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None


@contextlib.contextmanager
def on_air(
    namespace: Namespace, name: str, link_type: int = RADIOTAP, *, up: bool = True
) -> Iterator[Radio]:
    radio = namespace.call(lambda: Radio(name, link_type))
    try:
        if up:
            namespace.run("ip", "link", "set", name, "up")
        yield radio
    finally:
        radio.remove()
