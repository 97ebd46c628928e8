"""The sensor's loop: frames in, pseudonymous sightings and tallies out, by store-local day.

    source > decode > leave out > pseudonyms > drop duplicates > batch > day file

Where the frames come from is the source's affair: radios and other sensors (`intake`),
a capture file played back (`replay`), a test. A frame that cannot be used is counted,
by its reason. Of phones that are left out, not even the frames are counted: with one such
phone in town, their number would tell when it came by.
"""

import collections
import time
from collections.abc import Callable, Iterable, Mapping

from core.log import Log
from core.sightings import Sighting
from sniffer.duplicates import Duplicates
from sniffer.frames import Frame, ProbeRequest, Rejected, decode
from sniffer.outlet import Outlet
from sniffer.periods import BadTimeError
from sniffer.source import Batch, Item, Origin, Tick

_LOOK_EVERY_S = 1.0
_LOG_EVERY_S = 60.0
_BRIEF_S = 60

_log = Log("sniffer")


class Sensor:
    """One sensor with its day keys, which are gone with it.

    Keep it as long as the program runs, also over a new source: to another sensor, the
    phones of the same day look new.
    """

    def __init__(
        self,
        outlet: Outlet,
        *,
        is_brief: bool,
        flush_every_s: float = _LOOK_EVERY_S,
        is_followed: Callable[[], bool] = lambda: False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Hears nothing before `run`.

        Args:
            outlet: where the sightings go, under whose keys, and whom it leaves out.
            is_brief: keep nothing of a single phone for as long as some minutes.
            flush_every_s: how long sightings may wait in memory.
            is_followed: whether somebody wants them at once.
            monotonic: seconds.
        """
        self._monotonic = monotonic
        self._pseudonymiser, self._recorder, self._left_out = outlet
        self._is_brief = is_brief
        self._flush_every_s = flush_every_s
        self._is_followed = is_followed
        self._duplicates = Duplicates(_BRIEF_S) if is_brief else Duplicates()
        self._has_kept = False
        self._origin = ""
        self._counts: collections.Counter[str] = collections.Counter()

    def run(self, items: Iterable[Item], stop: Callable[[], bool]) -> collections.Counter[str]:
        """Take what comes until there is no more, or until `stop()`; then write the rest.

        Returns:
            What was counted in this run, by the names of the day file's tallies:
            `frames`, `probe_requests`, `duplicates`, `dropped` (by the kernel),
            `unsaved` (by a full disk), `late` (for its window), `rejected.<reason>`,
            `source.<name>.<what>`, `hearing.<quarter>` (seconds, see `core.sightings`).
        """
        self._counts = collections.Counter()
        logged: collections.Counter[str] = collections.Counter()
        look_at = self._monotonic() + _LOOK_EVERY_S
        flush_at = self._monotonic() + self._flush_every_s
        log_at = self._monotonic() + _LOG_EVERY_S
        self._left_out.refresh()
        try:
            for item in items:
                self._take(item)
                now = self._monotonic()
                is_followed = False
                if now >= look_at:
                    self._left_out.refresh()
                    is_followed = self._is_followed()
                    look_at = now + _LOOK_EVERY_S
                if self._recorder.is_full or is_followed or now >= flush_at:
                    self._recorder.flush()
                    flush_at = now + self._flush_every_s
                if now >= log_at:
                    _log.info("heard", **(self._counts - logged))
                    logged = self._counts.copy()
                    log_at = now + _LOG_EVERY_S
                    self._forget_in_silence()
                if stop():
                    break
        finally:
            self._recorder.close()
        return self._counts

    def _take(self, item: Item) -> None:
        try:
            if isinstance(item, Frame):
                self._hear(item)
            elif isinstance(item, Tick):
                self._tell(item)
            elif isinstance(item, Origin):
                self._origin = item.name
            else:
                self._take_in(item)
        except BadTimeError as error:
            self._count(f"rejected.{error.reason}")
        except Exception:  # noqa: BLE001 - see below; counted, and the first one logged
            # A fault of ours. To end here would cost the day's key, and a phone that
            # sends such a frame every second could keep the sensor from working.
            self._count("rejected.failed")
            if self._counts["rejected.failed"] == 1:
                _log.exception("a frame made the sensor fail")

    def _hear(self, frame: Frame) -> None:
        is_left_out = False
        try:
            request = decode(frame.data, frame.link_type, missing=frame.missing)
            is_left_out = isinstance(request, ProbeRequest) and self._left_out.covers(
                request.address
            )
            if is_left_out:
                return
            self._recorder.turn_to(self._pseudonymiser.day_of(frame.at_us))
        finally:
            if not is_left_out:
                self._count("frames")
                if self._origin:
                    self._count(f"source.{self._origin}.frames")
        if isinstance(request, Rejected):
            self._count(f"rejected.{request}")
            return
        self._count("probe_requests")
        self._keep(self._pseudonymiser.sighting(request, frame.at_us), request.sequence)

    def _tell(self, tick: Tick) -> None:
        if tick.at_us is not None:
            self._pseudonymiser.pass_to(tick.at_us)
            if tick.tallies:
                self._recorder.turn_to(self._pseudonymiser.day_of(tick.at_us))
        self._count_all(tick.tallies)

    def _take_in(self, batch: Batch) -> None:
        for sighting, sequence in batch.heard:
            self._recorder.turn_to(self._pseudonymiser.day_of(sighting.heard_at_us))
            self._keep(sighting, sequence)
        self._count_all(batch.tallies)

    def _forget_in_silence(self) -> None:
        """Else the frames that make it forget would have to come first."""
        if self._is_brief and not self._has_kept:
            self._duplicates = Duplicates(_BRIEF_S)
        self._has_kept = False

    def _keep(self, sighting: Sighting, sequence: int) -> None:
        self._has_kept = True
        at_us, signal_dbm = sighting.heard_at_us, sighting.signal_dbm
        copy = self._duplicates.before(sighting.address, sequence, at_us, signal_dbm)
        if copy is None:
            self._recorder.add(sighting, sequence)
            return
        self._count("duplicates")
        if copy.is_weaker:
            # Who heard it best tells best where the phone is.
            self._recorder.amend(sighting._replace(heard_at_us=copy.heard_at_us))

    def _count_all(self, tallies: Mapping[str, int]) -> None:
        for name, value in tallies.items():
            self._count(name, value)

    def _count(self, name: str, value: int = 1) -> None:
        if value:
            self._counts[name] += value
            self._recorder.tally(name, value)
