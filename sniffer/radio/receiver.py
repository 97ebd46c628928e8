"""One interface of a radio as the sensor needs it: in monitor mode, up, on a channel.

It never is up in any other mode while it is ours, so it sends nothing, not even a scan.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from core.netlink import BadMessageError
from sniffer.radio.channels import Channel
from sniffer.radio.nl80211 import Interface, Mode, Radio
from sniffer.radio.plans import Plan
from sniffer.radio.rtnetlink import Link


class RadioError(Exception):
    """The radio cannot do what it should. The message names what to mend."""


class RadioGoneError(RadioError):
    """There is no such interface, or no longer. It may come back."""


class Kernel(Protocol):
    """What is asked of the kernel. OSError if it refuses."""

    def index_of(self, name: str) -> int: ...
    def interface(self, index: int) -> Interface | None: ...
    def interfaces(self) -> list[Interface]: ...
    def radio(self, number: int) -> Radio: ...
    def link(self, index: int) -> Link | None: ...
    def set_mode(self, index: int, mode: Mode) -> None: ...
    def set_channel(self, index: int, channel: Channel) -> None: ...
    def set_up(self, index: int, *, up: bool) -> None: ...
    def close(self) -> None: ...


class Receiver:
    """The interface of that name. Whatever is asked of it: RadioError if it cannot."""

    def __init__(self, name: str, kernel: Kernel) -> None:
        self.name = name
        self._kernel = kernel

    def prepare(self) -> None:
        """Bring it into monitor mode, and up. One that serves somebody else is left alone."""
        found = self._find()
        with self._explained("set up"):
            if found.mode != Mode.MONITOR:
                if found.mode != Mode.STATION or found.is_connected:
                    raise RadioError(
                        f"{self.name} is in use for a network: give the sensor a radio of its own"
                    )
                self._kernel.set_up(found.ifindex, up=False)
                self._kernel.set_mode(found.ifindex, Mode.MONITOR)
            self._kernel.set_up(found.ifindex, up=True)

    def take_down(self) -> None:
        """So that it has to be prepared anew, which wakes up many a driver that is stuck."""
        found = self._find()
        with self._explained("taken down"):
            self._kernel.set_up(found.ifindex, up=False)

    def is_ready(self) -> bool:
        """Whether it is in monitor mode, and up."""
        found = self._find()
        with self._explained("looked at"):
            link = self._kernel.link(found.ifindex)
        return found.mode == Mode.MONITOR and link is not None and link.is_up

    def channels(self) -> tuple[Channel, ...]:
        """What it may listen on here and now."""
        return self._radio().channels

    def shared_with(self) -> str | None:
        """The interface that needs this radio to stay on its channel, if there is one."""
        mine = self._find()
        with self._explained("compared with the others"):
            for other in self._kernel.interfaces():
                is_neighbour = other.radio == mine.radio and other.ifindex != mine.ifindex
                serves = other.mode not in (Mode.MONITOR, Mode.STATION) or other.is_connected
                if is_neighbour and serves:
                    return other.name
        return None

    def tune(self, channel: Channel) -> None:
        found = self._find()
        with self._explained("tuned"):
            try:
                self._kernel.set_channel(found.ifindex, channel)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                raise RadioError(_forbidden(self.name, channel)) from error

    def fit(self, plan: Plan) -> tuple[Plan | None, str | None]:
        """What of a plan it can do here and now, None if nothing; and why not all of it."""
        if other := self.shared_with():
            return None, (
                f"{self.name} shares its radio with {other} and hears that one's channel alone: "
                "give the sensor a radio of its own"
            )
        radio = self._radio()
        if not radio.can_monitor:
            return None, f"{self.name} has no monitor mode: use another Wi-Fi card"
        refused = [channel for channel in plan.channels if channel not in radio.channels]
        problem = _forbidden(self.name, *refused) if refused else None
        return plan.limited_to(radio.channels), problem

    def _radio(self) -> Radio:
        found = self._find()
        with self._explained("asked for its channels"):
            return self._kernel.radio(found.radio)

    def _find(self) -> Interface:
        try:
            index = self._kernel.index_of(self.name)
        except OSError as error:
            raise RadioGoneError(
                f"there is no interface {self.name}: ip link lists them all"
            ) from error
        with self._explained("found"):
            if found := self._kernel.interface(index):
                return found
        raise RadioError(f"{self.name} is no Wi-Fi interface: iw dev lists them all")

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno == errno.ENODEV and not self._is_there():
                raise RadioGoneError(f"{self.name} has gone") from error
            raise RadioError(self._why(error, what)) from error
        except BadMessageError as error:
            raise RadioError(f"{self.name} could not be {what}: {error}") from error

    def _is_there(self) -> bool:
        try:
            return bool(self._kernel.index_of(self.name))
        except OSError:
            return False

    def _why(self, error: OSError, what: str) -> str:
        mend = {
            errno.EPERM: "needs CAP_NET_ADMIN; or set its channel by iw, and no sensor.hopping",
            errno.ENODEV: "it is no Wi-Fi interface: iw dev lists them all",
            errno.EBUSY: "another interface uses its radio: iw dev shows it; take it down",
            errno.EOPNOTSUPP: "its driver cannot do that: use another Wi-Fi card",
            errno.ERFKILL: "the radio is switched off: rfkill unblock wifi",
            errno.ENETDOWN: "it is down",
            errno.EAFNOSUPPORT: "the service may not use AF_NETLINK (RestrictAddressFamilies=)",
            errno.EPROTONOSUPPORT: "this kernel has no Wi-Fi: is the card's driver loaded?",
        }.get(error.errno or 0, error.strerror or str(error))
        return f"{self.name} cannot be {what}: {mend}"


def _forbidden(name: str, *channels: Channel) -> str:
    return (
        f"{name} may not listen on channel {', '.join(map(str, channels))}: "
        "the radio cannot, or the regulations in force forbid it (iw phy, iw reg get)"
    )
