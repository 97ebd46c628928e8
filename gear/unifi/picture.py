"""What is known of the console's guests: read from it again and again, and what it was told since.

A question about a phone is answered from here, at once; none waits for the console. What we have
told it weighs more than a reading that was begun before. A reading that is too old says nothing:
"nobody is online" would have everybody let in anew.
"""

import dataclasses
import threading
from collections.abc import Mapping

from gate.shape import Counters, GateFailedError, Online
from gate.whereabouts import NOWHERE, Whereabouts
from gear.meter import Meter

# A console takes a while to show that a guest was let in.
_SHOWN_WITHIN_S = 30.0


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Guest:
    """Who is on the guest network now."""

    address: str
    is_authorised: bool
    counters: Counters
    whereabouts: Whereabouts = NOWHERE


class Picture:
    """Safe to be used by several threads. Moments are of one clock that only grows."""

    def __init__(self, trusted_for_s: float) -> None:
        self._trusted_for_s = trusted_for_s
        self._turn = threading.Lock()
        self._meter = Meter()
        self._guests: Mapping[str, Guest] = {}
        self._ends: dict[str, float] = {}
        self._told_at: dict[str, float] = {}
        self._guests_at: float | None = None
        self._ends_at: float | None = None

    def saw_guests(self, guests: Mapping[str, Guest], begun: float) -> None:
        with self._turn:
            self._guests, self._guests_at = guests, begun
            readings = {mac: each.counters for mac, each in guests.items() if each.is_authorised}
            self._meter.take(readings, begun)
            for mac, guest in guests.items():
                told_at = self._told_at.get(mac)
                is_settled = told_at is None or begun - told_at > _SHOWN_WITHIN_S
                if is_settled and not guest.is_authorised:
                    # By hand at the console, or its own quota is used up.
                    self._ends.pop(mac, None)

    def saw_ends(self, ends: Mapping[str, float], begun: float) -> None:
        """Until when guests may pass, of all whom the console has let in."""
        with self._turn:
            # What it was told lately it may not show yet.
            self._told_at = {
                mac: at for mac, at in self._told_at.items() if begun - at < _SHOWN_WITHIN_S
            }
            kept = {mac: end for mac, end in self._ends.items() if mac in self._told_at}
            shown = {mac: end for mac, end in ends.items() if mac not in self._told_at}
            self._ends, self._ends_at = shown | kept, begun

    def told(self, mac: str, ends: float | None, moment: float) -> None:
        """The console has let a phone in until `ends`, or stopped it."""
        with self._turn:
            self._told_at[mac] = moment
            if ends is None:
                self._ends.pop(mac, None)
            else:
                self._ends[mac] = ends

    def find(self, mac: str, moment: float) -> Online | None:
        with self._turn:
            self._check(moment)
            return self._online(mac, self._ends.get(mac, 0.0), moment)

    def online(self, moment: float) -> dict[str, Online]:
        with self._turn:
            self._check(moment)
            found = {mac: self._online(mac, end, moment) for mac, end in self._ends.items()}
        return {mac: each for mac, each in found.items() if each}

    def counters(self, moment: float) -> dict[str, Counters]:
        with self._turn:
            self._check(moment)
            return self._meter.counters()

    def guest(self, mac: str, moment: float) -> Guest | None:
        with self._turn:
            self._check(moment)
            return self._guests.get(mac)

    def phone_at(self, address: str, moment: float) -> str | None:
        """None also if two have it: one of them is not who it says, or the console is behind."""
        with self._turn:
            self._check(moment)
            found = [mac for mac, each in self._guests.items() if each.address == address]
        return found[0] if len(found) == 1 else None

    def whereabouts(self, moment: float) -> dict[str, Whereabouts]:
        """Of those who may pass and are connected."""
        with self._turn:
            self._check(moment)
            return {
                mac: each.whereabouts
                for mac, each in self._guests.items()
                if self._ends.get(mac, 0.0) > moment
            }

    def read_at(self) -> float:
        """When the newest reading of the guests was begun; a time long ago if there is none."""
        return float("-inf") if self._guests_at is None else self._guests_at

    def _online(self, mac: str, end: float, moment: float) -> Online | None:
        if end <= moment:
            return None
        counted = self._meter.of(mac)
        return Online(int(end - moment), counted.bytes_up, counted.bytes_down)

    def _check(self, moment: float) -> None:
        oldest = self._guests_at if self._ends_at is not None else None
        if oldest is None or moment - oldest > self._trusted_for_s:
            raise GateFailedError("the console has not told lately who is connected")
