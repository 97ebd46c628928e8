"""A raw packet socket on a monitor-mode interface, and the ring into which it hears.

The kernel passes on probe requests alone: the filter below runs before a frame is
copied, so the traffic of people nearby never enters this process. What passes it goes
into memory that the kernel and we share (TPACKET_V3), in blocks of many frames:

    block   version u32, private u32 | status u32, frames u32, first u32, length u32 | frame ...
    frame   next u32, seconds u32, nanoseconds u32, kept u32, on air u32, status u32,
            mac u16, net u16 | ... | the frame, from `mac` on

A block is ours when it is full, or a tenth of a second after its first frame. We give
it back with nothing left in it. Nothing is ever written to the socket, and the kernel
sees to that (`receive_only`). Why a ring: docs/decisions/0014-packet-ring.md.
"""

import contextlib
import ctypes
import errno
import mmap
import os
import socket
import struct
from collections.abc import Iterator

from sniffer.capture import link, receive_only
from sniffer.frames import LINK_RADIOTAP, Frame

# <linux/if_packet.h>, <asm-generic/socket.h>
_ETH_P_ALL = 3
_SOL_PACKET = 263
_PACKET_RX_RING, _PACKET_STATISTICS, _PACKET_VERSION, _PACKET_IGNORE_OUTGOING = 5, 6, 10, 23
_TPACKET_V3 = 2
_SO_ATTACH_FILTER, _SO_LOCK_FILTER = 26, 44

# Classic BPF, as `type mgt subtype probe-req` gives it: code, jump if true, jump if
# false, value. Reading beyond the end of a frame rejects it.
_FILTER = (
    (0x30, 0, 0, 3),  # A = octet 3, the upper half of the radiotap header's length
    (0x64, 0, 0, 8),  # A <<= 8
    (0x07, 0, 0, 0),  # X = A
    (0x30, 0, 0, 2),  # A = octet 2, the lower half
    (0x4C, 0, 0, 0),  # A |= X
    (0x07, 0, 0, 0),  # X = A: the 802.11 header begins there
    (0x50, 0, 0, 0),  # A = octet X, the frame control
    (0x15, 0, 1, 0x40),  # is it version 0, management, subtype 4?
    (0x06, 0, 0, 0x40000),  # yes: pass all of it
    (0x06, 0, 0, 0),  # no: pass nothing
)

# 8 MiB: some seven seconds of 5000 probe requests a second, should the disk keep us.
_BLOCK, _BLOCKS = 1 << 17, 64
_RETIRE_MS = 100
# The kernel wants to be told, and does not use it: frames lie as close as they fit.
_NOMINAL_FRAME = 2048
_RING = struct.pack(
    "7I", _BLOCK, _BLOCKS, _NOMINAL_FRAME, _BLOCK // _NOMINAL_FRAME * _BLOCKS, _RETIRE_MS, 0, 0
)

_STATUS_AT = 8
_STATUS = struct.Struct("=I")
_BLOCK_HEADER = struct.Struct("=4I")
_FRAME_HEADER = struct.Struct("=6IH")
_OURS = 1

# What a named tuple's own constructor does, in half the time.
_made = tuple.__new__


class CaptureError(Exception):
    """The interface cannot be listened on. The message names what to mend."""


class InterfaceGoneError(CaptureError):
    """The interface is away, down or in another mode. It may come back."""


class PacketRing:
    """Hears the probe requests on an interface from now on. CaptureError if it cannot."""

    def __init__(self, interface: str) -> None:
        self._interface = interface
        with contextlib.ExitStack() as on_failure, _explained(interface):
            # Protocol 0 receives nothing. Only `bind`, when the filter is in place,
            # names a protocol: so no other frame can slip in between.
            self._socket = _opened()
            on_failure.callback(self._socket.close)
            self._link = self._ready_link()
            _attach_filter(self._socket)
            self._socket.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
            self._socket.setsockopt(_SOL_PACKET, _PACKET_VERSION, _TPACKET_V3)
            self._socket.setsockopt(_SOL_PACKET, _PACKET_RX_RING, _RING)
            self._memory = mmap.mmap(self._socket.fileno(), _BLOCK * _BLOCKS)
            on_failure.callback(self._memory.close)
            self._socket.bind((interface, _ETH_P_ALL))
            on_failure.pop_all()
        self._block = 0

    def fileno(self) -> int:
        return self._socket.fileno()

    def read(self) -> Iterator[Frame]:
        """The frames of the next block, if it is ours already."""
        # The kernel writes `status` last. Between blocks there is a system call of the
        # caller's, or at least a thousand instructions: what it wrote before is visible.
        begin = self._block * _BLOCK
        memory = self._memory
        status, count, first, length = _BLOCK_HEADER.unpack_from(memory, begin + _STATUS_AT)
        if not status & _OURS:
            return
        at = begin + first
        for _ in range(count):
            step, seconds, nanoseconds, kept, on_air, _, mac = _FRAME_HEADER.unpack_from(memory, at)
            at_us = seconds * 1_000_000 + nanoseconds // 1000
            data = memory[at + mac : at + mac + kept]
            yield _made(Frame, (at_us, LINK_RADIOTAP, data, on_air - kept))
            at += step
        # In a quiet street it takes hours until the kernel comes round to this block.
        memory[begin + first : begin + length] = bytes(length - first)
        _STATUS.pack_into(memory, begin + _STATUS_AT, 0)
        self._block = (self._block + 1) % _BLOCKS

    def dropped(self) -> int:
        """Frames that found the ring full since the last call."""
        told = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 12)
        _, dropped, _ = struct.unpack("3I", told)
        return int(dropped)

    def check(self) -> None:
        """InterfaceGoneError if it went away, down or out of monitor mode meanwhile."""
        with _explained(self._interface):
            if error := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(error, os.strerror(error))
            if self._ready_link().ifindex != self._link.ifindex:
                raise InterfaceGoneError(f"{self._interface} went away, and another came")

    def close(self) -> None:
        self._memory.close()
        self._socket.close()

    def _ready_link(self) -> link.Link:
        found = link.look(self._socket, self._interface)
        if not found.gives_radiotap:
            raise InterfaceGoneError(
                f"{self._interface} is not in monitor mode:"
                f" iw dev {self._interface} set type monitor"
            )
        if not found.is_up:
            raise InterfaceGoneError(f"{self._interface} is down: ip link set {self._interface} up")
        return found


def _opened() -> socket.socket:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as opened:
        handle = receive_only.numbered(opened.fileno())
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0, fileno=handle)


def _attach_filter(listener: socket.socket) -> None:
    program = b"".join(struct.pack("=HBBI", *instruction) for instruction in _FILTER)
    # The kernel is given the program's address, so it must outlive the call.
    buffer = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(_FILTER), ctypes.addressof(buffer))
    listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)
    listener.setsockopt(socket.SOL_SOCKET, _SO_LOCK_FILTER, 1)


@contextlib.contextmanager
def _explained(interface: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _why(error, interface) from error


def _why(error: OSError, interface: str) -> CaptureError:
    if error.errno in (errno.EPERM, errno.EACCES):
        return CaptureError(f"no permission to listen on {interface}: needs CAP_NET_RAW")
    if error.errno in (errno.ENODEV, errno.ENXIO):
        return InterfaceGoneError(f"there is no interface {interface}: ip link lists them all")
    if error.errno == errno.ENETDOWN:
        return InterfaceGoneError(f"{interface} went down or away")
    return CaptureError(f"{interface} cannot be listened on: {error.strerror}")
