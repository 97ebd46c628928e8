"""Tests the Captive Portal API by the clock, and tells phones of it, or no longer."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from core.log import Log
from portal.advertising.fault import Fault
from portal.advertising.verdict import Verdict

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

    def run(self, stop_event: threading.Event) -> None:
        """Until stopped. Phones are told of nothing that nobody tests: it withdraws at the end."""
        try:
            self._tell(None)
            while not stop_event.is_set():
                self._look()
                stop_event.wait(self._verdict.wait_s(self._check_every_s))
        finally:
            self._tell(None)

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
