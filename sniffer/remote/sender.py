"""Sends what a sensor hears to its store's box; asks it for keys, and for the time.

The box is asked every few seconds even if nothing was heard: so it knows that the sensor
lives, and the sensor has the next key before it is needed.
"""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable, Mapping

from core import clock
from core.log import Log
from core.sensor_status import Hearing, State
from sniffer.remote.bundle import Bundle
from sniffer.remote.line import Line, LineError
from sniffer.remote.loan import Loan
from sniffer.remote.shape import Answer, AskKeys, Keys, Reason, Refused, Request, Take
from sniffer.remote.spool import Spool, Waiting
from sniffer.source import Item

_ASK_EVERY_S = 5.0
_LOOK_EVERY_S = 0.5

BOX = "box"
"""Name of the line to the box among a sensor's sources."""
# At the end, what waits is sent for no longer than this.
_LAST_S = 3.0
_GONE_AFTER = dt.timedelta(seconds=30)

# After so many failures in a row, so long until the next attempt.
_AGAIN_S = (1.0, 1.0, 1.0, 2.0, 5.0)

# These are about the sensor, not about one batch: nothing it sends would be taken now.
_OF_THE_SENSOR = frozenset({Reason.REVOKED, Reason.WRONG_NAME, Reason.CLOCK, Reason.VERSION})

_log = Log("remote")


class _NoUseError(Exception):
    """The box takes nothing of this sensor at present. The message is the reason."""


class Sender:
    """Works in a thread of its own, until `close`."""

    def __init__(
        self,
        place: tuple[str, int],
        bundle: Bundle,
        loan: Loan,
        spool: Spool,
        *,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        haste: float = 1.0,
    ) -> None:
        """Begins at once.

        Args:
            place: host and port of the box.
            bundle: who we are, and which box to believe.
            loan: filled with what the box hands out.
            spool: what is to be sent.
            now_us: this machine's clock.
            haste: asks and tries again so many times as often.
        """
        self._place = place
        self._bundle = bundle
        self._loan = loan
        self._spool = spool
        self._now_us = now_us
        self._haste = haste
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sender", daemon=True)
        self._told = ""
        self._answered_at: dt.datetime | None = None
        self._thread.start()

    def wait_for_key(self, is_over: Callable[[], bool]) -> None:
        """Until the box has lent one. Before that, nothing that is heard can be kept."""
        while not is_over() and self._loan.key_at(self._loan.box_us(self._now_us())) is None:
            self._stop.wait(_LOOK_EVERY_S / self._haste)

    def fileno(self) -> int:
        return -1

    def read(self) -> Iterable[Item]:
        """Nothing: it is among the sources (`sniffer.source`) to tell how the line is doing."""
        return ()

    def look_after(self) -> Mapping[str, int]:
        return {}

    def hearing(self) -> Mapping[str, Hearing]:
        """Whether the box answers."""
        answered_at = self._answered_at
        if answered_at is None or clock.now() - answered_at > _GONE_AFTER:
            return {BOX: Hearing(State.GONE, answered_at)}
        return {BOX: Hearing(State.HEARING, answered_at)}

    def close(self) -> None:
        """Send what still waits, as far as that is quick; then end."""
        self._stop.set()
        self._spool.wake()
        self._thread.join()

    def _work(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                with Line(self._place, self._bundle) as line:
                    self._ask_keys(line)
                    failures = 0
                    self._tell("")
                    self._send(line)
            except (LineError, _NoUseError) as error:
                self._spool.tally(f"line.{error}")
                self._tell(str(error))
            except Exception:  # noqa: BLE001 - a fault of ours: try again rather than fall silent
                _log.exception("nothing is sent")
            self._stop.wait(_AGAIN_S[min(failures, len(_AGAIN_S) - 1)] / self._haste)
            failures += 1

    def _send(self, line: Line) -> None:
        """Until told to stop, and then a little longer. LineError, or _NoUseError."""
        ask_at = time.monotonic() + _ASK_EVERY_S / self._haste
        last_at: float | None = None
        while True:
            is_asked = time.monotonic() >= ask_at
            if is_asked:
                self._ask_keys(line)
                ask_at = time.monotonic() + _ASK_EVERY_S / self._haste
            batch = self._next(is_asked=is_asked)
            if self._stop.is_set():
                last_at = last_at or time.monotonic() + _LAST_S
                if batch is None or time.monotonic() > last_at:
                    return
            if batch is not None:
                self._send_one(line, batch)

    def _next(self, *, is_asked: bool) -> Waiting | None:
        """What to send; mere counts seldom, but also in the end."""
        wants_counts = is_asked or self._stop.is_set()
        batch = self._spool.offer(0 if wants_counts else _LOOK_EVERY_S)
        if batch is None and wants_counts:
            return self._spool.offer_counts()
        return batch

    def _send_one(self, line: Line, batch: Waiting) -> None:
        answer = self._ask(
            line,
            Take(
                sensor=self._bundle.name,
                sent_us=self._now_us(),
                run=self._spool.run,
                number=batch.number,
                key=batch.key.id,
                rows=batch.rows,
                counts=batch.counts,
            ),
        )
        if not isinstance(answer, Refused):
            self._spool.settle(batch)
        elif answer.reason is Reason.BUSY:
            self._stop.wait(_LOOK_EVERY_S / self._haste)
        else:
            self._spool.settle(batch, lost=answer.reason)
            if answer.reason is Reason.KEY_GONE:
                # The box was started anew, and has another key for the same day.
                self._ask_keys(line)

    def _ask_keys(self, line: Line) -> None:
        known = self._loan.leave_out_version()
        answer = self._ask(line, AskKeys(self._bundle.name, self._now_us(), known))
        if isinstance(answer, Keys):
            self._loan.take(answer)

    def _ask(self, line: Line, request: Request) -> Answer:
        answer = line.ask(request)
        self._loan.measure(request.sent_us, answer, self._now_us())
        if isinstance(answer, Refused) and answer.reason in _OF_THE_SENSOR:
            raise _NoUseError(answer.reason.value)
        self._answered_at = clock.now()
        return answer

    def _tell(self, problem: str) -> None:
        """Once for each change."""
        if problem == self._told:
            return
        self._told = problem
        if problem:
            _log.warning("nothing reaches the box", reason=problem)
        else:
            _log.info("sending to the box")
