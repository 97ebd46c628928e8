"""Hears on one interface for as long as the program runs, and looks after it.

USB sticks are pulled out, come back as other devices, get stuck, lose monitor mode; a
sensor that does not notice counts nothing for weeks. So:

    away, down, other mode > opened again as soon as it is back
    nothing on the air     > set up and opened anew, more and more seldom

Either is logged once, counted, and told to the dashboard until frames come again. To set
an interface up is the tuner's affair (`sniffer.radio`), for which it may have no power.
"""

import collections
import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from core import clock
from core.log import Log
from core.sensor_status import Hearing, State
from sniffer.capture import link
from sniffer.capture.packet_ring import CaptureError, InterfaceGoneError, PacketRing
from sniffer.frames import Frame
from sniffer.source import Origin

_OPEN_AGAIN_S = 1.0
# Until then an interface that is set up anew may be down.
_SET_UP_WITHIN_S = 5.0
# In a cellar without any other access point silence is no fault, and setting up anew no help.
_MOST_PATIENCE_S = 3600.0

# Each tally told is a write to the disk.
_TELL_DEAF_S = 60.0

_log = Log("sniffer")


class Ring(Protocol):
    """What a listener needs of a `PacketRing`."""

    def fileno(self) -> int: ...
    def read(self) -> Iterable[Frame]: ...
    def dropped(self) -> int: ...
    def check(self) -> None: ...
    def close(self) -> None: ...


class Tuner(Protocol):
    """What a listener needs of whatever keeps the radio on its channels."""

    @property
    def problem(self) -> str | None: ...
    def heard(self, frames: int) -> None: ...
    def renew(self) -> None: ...


class NoTuner:
    """For an interface that somebody else has set up."""

    problem = None

    def heard(self, frames: int) -> None:
        pass

    def renew(self) -> None:
        pass


class Listener:
    """A source: the probe requests on one interface."""

    def __init__(
        self,
        name: str,
        *,
        silent_after_s: float,
        tuner: Tuner | None = None,
        open_ring: Callable[[str], Ring] = PacketRing,
        packets_received: Callable[[str], int] = link.packets_received,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], dt.datetime] = clock.now,
    ) -> None:
        """Opens nothing yet: `look_after` does.

        Args:
            name: the interface.
            silent_after_s: how long there may be nothing on the air.
            tuner: of the interface; None if somebody else sets it up.
            open_ring: listens on an interface, or CaptureError.
            packets_received: by an interface, of whatever sort, since ever.
            monotonic: seconds.
            now: the clock.
        """
        self._name = name
        self._silent_after_s = self._patience_s = silent_after_s
        self._tuner = tuner or NoTuner()
        self._open_ring = open_ring
        self._packets_received = packets_received
        self._monotonic = monotonic
        self._now = now
        self._ring: Ring | None = None
        self._state: State | None = None
        self._problem = ""
        self._heard_at: dt.datetime | None = None
        self._frames = 0
        self._packets = 0
        self._deaf_s = 0.0
        self._looked_at = self._alive_at = self._open_at = monotonic()
        self._tallies: collections.Counter[str] = collections.Counter()

    def fileno(self) -> int:
        return -1 if self._ring is None else self._ring.fileno()

    def read(self) -> Iterable[Origin | Frame]:
        if self._ring is None:
            return
        frames = 0
        yield Origin(self._name)
        for frame in self._ring.read():
            frames += 1
            yield frame
        self._frames += frames
        self._tuner.heard(frames)
        if not frames:
            # Readable, and nothing to read: that is how an error announces itself.
            self._check()

    def look_after(self) -> Mapping[str, int]:
        """As for any source.

        Raises:
            CaptureError: at the first call, if it is no use to try again.
        """
        now = self._monotonic()
        if self._is_deaf():
            self._deaf_s += now - self._looked_at
        self._looked_at = now
        self._check()
        if self._ring is None and now >= self._open_at:
            self._open(now)
        if self._ring is not None:
            self._look_for_life(self._ring, now)
        return self._counted()

    def hearing(self) -> Mapping[str, Hearing]:
        state = self._state or State.SILENT
        return {self._name: Hearing(state, self._heard_at, self._tuner.problem)}

    def close(self) -> None:
        if self._ring is not None:
            self._ring.close()
            self._ring = None

    def _check(self) -> None:
        if self._ring is None:
            return
        try:
            self._ring.check()
        except CaptureError as error:
            self.close()
            self._open_at = self._looked_at
            self._turn_to(State.GONE, str(error))

    def _open(self, now: float) -> None:
        self._open_at = now + _OPEN_AGAIN_S
        try:
            self._ring = self._open_ring(self._name)
        except CaptureError as error:
            if self._state is None and not isinstance(error, InterfaceGoneError):
                raise
            self._turn_to(State.GONE, str(error))
            return
        self._alive_at = now
        self._packets = self._packets_received(self._name)
        if self._state is not State.SILENT:
            self._patience_s = self._silent_after_s

    def _look_for_life(self, ring: Ring, now: float) -> None:
        self._count("dropped", ring.dropped())
        packets = self._packets_received(self._name)
        # A driver that does not count gives no sign of life but the probe requests.
        if self._frames or packets != self._packets:
            self._packets = packets
            self._alive_at = now
            self._heard_at = self._now()
            self._patience_s = self._silent_after_s
            self._turn_to(State.HEARING)
        elif now - self._alive_at >= self._patience_s:
            if not self._is_deaf():
                self._deaf_s += now - self._alive_at
            self._turn_to(State.SILENT, "nothing on the air")
            self._patience_s = min(2 * self._patience_s, _MOST_PATIENCE_S)
            self.close()
            self._tuner.renew()
            self._open_at = now + _SET_UP_WITHIN_S

    def _is_deaf(self) -> bool:
        return self._state in (State.GONE, State.SILENT)

    def _turn_to(self, state: State, problem: str = "") -> None:
        if (state, problem) == (self._state, self._problem):
            return
        if state is State.HEARING:
            _log.info("interface hears", interface=self._name)
        else:
            _log.warning(f"interface {state}", interface=self._name, problem=problem)
            self._tallies[f"source.{self._name}.{state}"] += state is not self._state
        self._state, self._problem = state, problem

    def _count(self, what: str, value: int) -> None:
        if value:
            self._tallies[what] += value
            self._tallies[f"source.{self._name}.{what}"] += value

    def _counted(self) -> Mapping[str, int]:
        self._frames = 0
        if self._deaf_s >= _TELL_DEAF_S or not self._is_deaf():
            whole_s = int(self._deaf_s)
            self._deaf_s -= whole_s
            self._tallies[f"source.{self._name}.deaf_s"] += whole_s
        counted = +self._tallies
        self._tallies.clear()
        return counted
