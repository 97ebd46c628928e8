"""Tests the Captive Portal API by the clock, and tells phones of it, or no longer."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from core.log import Log
from portal.advertising.fault import Fault
from portal.advertising.verdict import Verdict

# How long at most nobody hears that it lives, however seldom it tests.
_TURN_S = 5.0

_log = Log("advertise")


class Way(Protocol):
    """One way of telling phones."""

    def advertise(self, uri: str | None) -> None: ...


class Advertiser:
    """`test` says what is wrong with the API, if anything; `ways` tell phones of `uri`."""

    def __init__(
        self, uri: str, test: Callable[[], Fault | None], ways: Sequence[Way], check_every_s: float
    ) -> None:
        self._uri = uri
        self._test = test
        self._ways = ways
        self._check_every_s = check_every_s
        self._verdict = Verdict()
        self._logged: Fault | None = None

    def run(self, stop_event: threading.Event, on_turn: Callable[[], None] = lambda: None) -> None:
        """Until stopped; `on_turn` is called every few seconds, first after a test.

        Phones are told of nothing that nobody tests: it withdraws at the end.
        """
        try:
            self._tell(None)
            while not stop_event.is_set():
                self._look()
                self._wait(stop_event, on_turn)
        finally:
            self._tell(None)

    def _wait(self, stop_event: threading.Event, on_turn: Callable[[], None]) -> None:
        left_s = self._verdict.wait_s(self._check_every_s)
        while left_s > 0 and not stop_event.is_set():
            on_turn()
            stop_event.wait(min(left_s, _TURN_S))
            left_s -= _TURN_S

    def _look(self) -> None:
        before = self._verdict.advertised
        self._verdict.take(self._test())
        advertised, fault = self._verdict.advertised, self._verdict.fault
        if advertised and not before:
            _log.info("API advertised")
            self._logged = None
        elif not advertised and fault and fault is not self._logged:
            _log.warning("API not advertised", reason=fault)
            self._logged = fault
        self._tell(self._uri if advertised else None)

    def _tell(self, uri: str | None) -> None:
        # Each time, also when nothing has changed: what could not be told is told then.
        for way in self._ways:
            way.advertise(uri)
