"""Signs that two devices use one hardware address. Pure.

A network that is open to all cannot tell two such devices apart: both hear the same radio
frames. It can see that one device would not do what both do together:

- It answers under one IPv4 address, leaves it, and takes another. Two devices answer under
  two in turns, again and again. (Under IPv6 each phone has several; they tell nothing.)
- It asks of DHCP what its system asks, each time the same. Another make asks for other
  options, or calls itself another class of device.

Neither looks into what anybody sends or reads.
"""

import dataclasses
import datetime as dt
import hashlib
import ipaddress
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterable

from core.mac import Mac

# First address, second, first, second. A phone that changes its lease makes one step, one
# that goes back to the old lease makes two.
STEPS_OF_TWO_DEVICES = 3
WITHIN = dt.timedelta(minutes=10)
# The same moment is read a little differently at each turn.
_SAME_MOMENT = dt.timedelta(seconds=1)
# More phones than a store's network has addresses for.
_MOST_LOOKS = 20_000


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """That a device answered under an address at a moment."""

    mac: Mac
    address: ipaddress.IPv4Address
    at: dt.datetime


@dataclasses.dataclass(slots=True, repr=False)
class _Trail:
    address: ipaddress.IPv4Address
    at: dt.datetime
    steps: deque[dt.datetime] = dataclasses.field(default_factory=deque)


class AddressTrails:
    """By hardware address: the IPv4 addresses it answered under, one after the other."""

    def __init__(self) -> None:
        self._trails: dict[Mac, _Trail] = {}

    def follow(self, answers: Iterable[Answer], now: dt.datetime) -> set[Mac]:
        """Take in what was heard since the last turn; who goes back and forth like two."""
        for answer in sorted(answers, key=lambda answer: answer.at):
            if not answer.address.is_link_local:
                self._step(answer)
        for mac, trail in list(self._trails.items()):
            while trail.steps and trail.steps[0] < now - WITHIN:
                trail.steps.popleft()
            if trail.at < now - WITHIN:
                del self._trails[mac]
        return {
            mac for mac, trail in self._trails.items() if len(trail.steps) >= STEPS_OF_TWO_DEVICES
        }

    def forget(self, mac: Mac) -> None:
        self._trails.pop(mac, None)

    def _step(self, answer: Answer) -> None:
        trail = self._trails.setdefault(answer.mac, _Trail(answer.address, answer.at))
        if answer.at <= trail.at + _SAME_MOMENT:
            return
        if answer.address != trail.address:
            trail.steps.append(answer.at)
        trail.address, trail.at = answer.address, answer.at


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class LeaseRequest:
    """What a device asked of DHCP: the options it wants, and the class it says it is of."""

    mac: Mac
    options: str
    vendor_class: str


class Looks:
    """By hardware address: what it looked like to DHCP last, as a hash keyed for this run."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._looks: OrderedDict[Mac, bytes] = OrderedDict()

    def compare(self, requests: Iterable[LeaseRequest]) -> set[Mac]:
        """Take in what was asked since the last turn; who looks like another device."""
        changed: set[Mac] = set()
        for request in requests:
            look = self._digest(request)
            if self._looks.get(request.mac, look) != look:
                changed.add(request.mac)
            self._looks[request.mac] = look
            self._looks.move_to_end(request.mac)
            if len(self._looks) > _MOST_LOOKS:
                self._looks.popitem(last=False)
        return changed

    def forget(self, mac: Mac) -> None:
        self._looks.pop(mac, None)

    def _digest(self, request: LeaseRequest) -> bytes:
        words = f"{request.options}\0{request.vendor_class}".encode()
        return hashlib.blake2b(words, key=self._key, digest_size=8).digest()
