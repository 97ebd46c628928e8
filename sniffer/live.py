"""Listens on a monitor-mode interface, through a raw packet socket. It sends nothing.

The kernel passes on probe requests alone: the filter below runs before a frame is
copied, so the traffic of people nearby never enters this process.
"""

import contextlib
import ctypes
import errno
import fcntl
import socket
import struct
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from sniffer.frames import LINK_RADIOTAP, Frame
from sniffer.source import Tick

# <linux/if_arp.h>, <linux/if_packet.h>, <asm-generic/socket.h>, <linux/sockios.h>
_ARPHRD_IEEE80211_RADIOTAP = 803
_ETH_P_ALL = 3
_SOL_PACKET, _PACKET_STATISTICS, _PACKET_IGNORE_OUTGOING = 263, 6, 23
_SO_ATTACH_FILTER, _SO_RCVBUFFORCE, _SO_TIMESTAMPNS = 26, 33, 35
_SIOCGIFFLAGS, _SIOCGIFHWADDR = 0x8913, 0x8927
_IFF_UP = 1

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

# Half a minute of a full radio, should this process be kept from running.
_BUFFER = 8 << 20

# A management frame and its radiotap header are shorter.
_LONGEST_FRAME = 4096
_TIMESTAMP = struct.Struct("@ll")
_TICK_EVERY_S = 0.5
_TICK_EVERY_US = 500_000


class LiveCaptureError(Exception):
    """The interface cannot be listened on. The message names what to mend."""


class InterfaceGoneError(LiveCaptureError):
    """The interface went down or away while we listened. It may come back."""


class LiveCapture:
    """Frames as they are heard; ticks in between, at least twice a second.

        with LiveCapture("mon0") as frames:
            sensor.run(frames, stop)

    Raises:
        LiveCaptureError: on entering, if this interface cannot be listened on;
            as InterfaceGoneError later, from the iterator.
    """

    def __init__(self, interface: str) -> None:
        self._interface = interface
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        self._socket = _listen(self._interface)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __iter__(self) -> Iterator[Frame | Tick]:
        if self._socket is None:
            raise LiveCaptureError("not listening yet: use it in a with statement")
        listener = self._socket
        room = socket.CMSG_SPACE(_TIMESTAMP.size)
        tick_us = 0
        while True:
            try:
                data, notes, flags, _ = listener.recvmsg(_LONGEST_FRAME, room)
            except TimeoutError:
                yield Tick({"dropped": _dropped(listener)})
                continue
            except OSError as error:
                raise _explained(error, self._interface) from error
            at_us = _received_us(notes)
            yield Frame(at_us, LINK_RADIOTAP, data, bool(flags & socket.MSG_TRUNC))
            if abs(at_us - tick_us) >= _TICK_EVERY_US:
                tick_us = at_us
                yield Tick({"dropped": _dropped(listener)})


def _listen(interface: str) -> socket.socket:
    with contextlib.ExitStack() as on_failure:
        try:
            # Protocol 0 receives nothing. Only `bind`, when the filter is in place,
            # names a protocol: so no other frame can slip in between.
            listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            on_failure.callback(listener.close)
            _check(listener, interface)
            _attach_filter(listener)
            listener.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
            listener.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            _enlarge_buffer(listener)
            listener.settimeout(_TICK_EVERY_S)
            listener.bind((interface, _ETH_P_ALL))
        except OSError as error:
            raise _explained(error, interface) from error
        on_failure.pop_all()
        return listener


def _check(listener: socket.socket, interface: str) -> None:
    request = struct.pack("16s24x", interface.encode())
    (flags,) = struct.unpack_from("H", fcntl.ioctl(listener, _SIOCGIFFLAGS, request), 16)
    (sort,) = struct.unpack_from("H", fcntl.ioctl(listener, _SIOCGIFHWADDR, request), 16)
    if sort != _ARPHRD_IEEE80211_RADIOTAP:
        raise LiveCaptureError(
            f"{interface} is not in monitor mode: iw dev {interface} set type monitor"
        )
    if not flags & _IFF_UP:
        raise LiveCaptureError(f"{interface} is down: ip link set {interface} up")


def _attach_filter(listener: socket.socket) -> None:
    program = b"".join(struct.pack("=HBBI", *instruction) for instruction in _FILTER)
    # The kernel is given the program's address, so it must outlive the call.
    buffer = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(_FILTER), ctypes.addressof(buffer))
    listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)


def _enlarge_buffer(listener: socket.socket) -> None:
    try:
        listener.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
    except PermissionError:
        # Needs CAP_NET_ADMIN, which the sensor does not have to have; this takes what
        # the system's limit (net.core.rmem_max) allows.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)


def _received_us(notes: list[tuple[int, int, bytes]]) -> int:
    for level, kind, value in notes:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESTAMP.unpack(value)
            return int(seconds) * 1_000_000 + int(nanoseconds) // 1000
    raise LiveCaptureError("the kernel gave no receive time")


def _dropped(listener: socket.socket) -> int:
    """Frames that found the buffer full since the last call."""
    _, dropped = struct.unpack("II", listener.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
    return int(dropped)


def _explained(error: OSError, interface: str) -> LiveCaptureError:
    if error.errno in (errno.EPERM, errno.EACCES):
        return LiveCaptureError(f"no permission to listen on {interface}: needs CAP_NET_RAW")
    if error.errno == errno.ENODEV:
        return LiveCaptureError(f"there is no interface {interface}: ip link lists them all")
    if error.errno == errno.ENETDOWN:
        return InterfaceGoneError(f"{interface} went down or away")
    return LiveCaptureError(f"{interface} cannot be listened on: {error.strerror}")
