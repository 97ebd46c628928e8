"""The gate of a store whose phones are on a UniFi network: says to its console who may pass.

A thread reads from the console who is connected and who may pass; questions are answered from
what it has read (`gear.unifi.picture`). Orders go to the console at once, and an order that it
has not confirmed in time has failed: the gate's callers wait no longer.
"""

import contextlib
import math
import re
import threading
import time
import urllib.parse
from collections.abc import Iterator, Mapping

from core.log import Log
from core.settings import Settings
from gate.shape import Counters, GateFailedError, Limits, Online, Redirected
from gate.whereabouts import Whereabouts
from gear.unifi.console import Console, read_mac
from gear.unifi.line import Line
from gear.unifi.picture import Picture

# Less than the two seconds that the gate's client waits.
_PATIENCE_S = 1.7
# Less than systemd waits for the end of a program.
_READING_S = 8.0
_READ_ENDS_EVERY_S = 30.0
# So often at most does a phone that is not known yet have the console asked anew.
_LOOK_AGAIN_S = 1.0
_LONGEST_PAUSE_S = 30.0
_LEAST_TRUST_S = 20.0

_REDIRECT = re.compile(r"/guest/s/([^/]+)/?")

_log = Log("gate")


class UnifiGate:
    """May be asked by several threads at once."""

    kind = "unifi"

    def __init__(
        self,
        console: Console,
        site: str,
        read_every_s: float,
        *,
        longest_s: float,
        behind_nat: bool = False,
    ) -> None:
        self._console = console
        self._site = site
        self._longest_s = longest_s
        self._behind_nat = behind_nat
        self._read_every_s = read_every_s
        self._picture = Picture(max(_LEAST_TRUST_S, 3 * read_every_s))
        self._reading = threading.Lock()
        self._ends_read_at = float("-inf")
        self._told = ""

    def admit(self, mac: str, seconds: int, limits: Limits) -> None:
        # Headquarters may have made sessions longer since we began.
        self._longest_s = max(self._longest_s, seconds)
        begun = time.monotonic()
        self._console.authorise(mac, seconds, limits, begun + _PATIENCE_S)
        moment = time.monotonic()
        self._picture.told(mac, moment + math.ceil(seconds / 60) * 60, moment)

    def give_pass(self, mac: str, seconds: int, limits: Limits) -> None:  # noqa: ARG002 - the gate's shape
        raise GateFailedError("UniFi opens everything to a phone or nothing: no passes here")

    def revoke(self, mac: str) -> None:
        self._console.unauthorise(mac, time.monotonic() + _PATIENCE_S)
        self._picture.told(mac, None, time.monotonic())

    def find(self, mac: str) -> Online | None:
        return self._picture.find(mac, time.monotonic())

    def online(self) -> Mapping[str, Online]:
        return self._picture.online(time.monotonic())

    def counters(self) -> Mapping[str, Counters]:
        return self._picture.counters(time.monotonic())

    def phone_at(self, address: str) -> str | None:
        return self._picture.phone_at(address, time.monotonic())

    def whereabouts(self) -> Mapping[str, Whereabouts]:
        return self._picture.whereabouts(time.monotonic())

    def vouch(self, redirected: Redirected) -> str | None:
        """The console has to name the phone as a guest that has the very address now.

        Behind NAT it can only say that such a guest waits to be let in: who is in already is
        not redirected any more.
        """
        mac = self._named(redirected)
        if mac is None or self._behind_nat == bool(redirected.address):
            return None
        if self._confirms(mac, redirected.address):
            return mac
        # It may have joined a moment ago.
        self._look_again()
        return mac if self._confirms(mac, redirected.address) else None

    def read(self) -> None:
        """Ask the console for the picture. GateFailedError: it stays as it was."""
        with self._reading:
            begun = time.monotonic()
            until = begun + _READING_S
            if begun - self._ends_read_at >= _READ_ENDS_EVERY_S:
                left = self._console.seconds_left(self._longest_s, until)
                self._picture.saw_ends({mac: begun + each for mac, each in left.items()}, begun)
                self._ends_read_at = begun
            self._picture.saw_guests(self._console.guests(until), begun)

    def keep_reading(self, stop_event: threading.Event) -> None:
        failures = 0
        while not stop_event.is_set():
            try:
                self.read()
            except GateFailedError as error:
                failures += 1
                self._tell(str(error))
            except Exception:  # noqa: BLE001 - what we did not think of must not end the reading
                failures += 1
                _log.exception("the console was not understood")
            else:
                self._tell("")
                failures = 0
            # Twice as long after each failure; a console that starts is not to be hindered.
            most_s = max(self._read_every_s, _LONGEST_PAUSE_S)
            stop_event.wait(min(self._read_every_s * 2 ** min(failures, 8), most_s))

    def _tell(self, reason: str) -> None:
        """What keeps the console from being read; once, not at every turn. Empty: nothing."""
        if reason and reason != self._told:
            _log.error("the console was not read", reason=reason)
        elif self._told and not reason:
            _log.info("the console answers again")
        self._told = reason

    def _named(self, redirected: Redirected) -> str | None:
        match = _REDIRECT.fullmatch(redirected.path)
        if match is None or urllib.parse.unquote(match[1]) != self._site:
            return None
        said = dict(urllib.parse.parse_qsl(redirected.query))
        return read_mac(said.get("id", ""))

    def _confirms(self, mac: str, address: str) -> bool:
        moment = time.monotonic()
        if address:
            return self._picture.phone_at(address, moment) == mac
        guest = self._picture.guest(mac, moment)
        return guest is not None and not guest.is_authorised

    def _look_again(self) -> None:
        begun = time.monotonic()
        # One thread at a time: redirects of phones that are not there cost nothing, and the page
        # that waits asks again by itself.
        if not self._reading.acquire(blocking=False):
            return
        try:
            # Others may have looked while we waited for our turn.
            if self._picture.read_at() < begun - _LOOK_AGAIN_S:
                until = begun + _PATIENCE_S
                moment = time.monotonic()
                self._picture.saw_guests(self._console.guests(until), moment)
        finally:
            self._reading.release()


@contextlib.contextmanager
def open_gate(found: Settings) -> Iterator[UnifiGate]:
    """SettingsError: it cannot be somebody at the console. That this is silent is no reason."""
    line = Line(found.unifi)
    gate = UnifiGate(
        Console(line),
        found.unifi.site,
        found.unifi.read_every_s,
        longest_s=max(found.plans.guest.session_length_s, found.plans.member.session_length_s),
        behind_nat=found.portal.behind_nat,
    )
    stop_event = threading.Event()
    reader = threading.Thread(target=gate.keep_reading, args=(stop_event,), name="reader")
    reader.start()
    try:
        yield gate
    finally:
        stop_event.set()
        reader.join(_READING_S)
        line.close()


def check(found: Settings) -> None:
    """SettingsError, as `open_gate` would raise it."""
    Line(found.unifi).close()
