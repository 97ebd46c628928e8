"""The gate where a gateway of the store speaks RADIUS.

Who may pass is a list of ours; gateways ask for it through FreeRADIUS. What is to happen at once
is an order to the gateway. If this program is not there, nobody new is let in, and each session
ends by its own Session-Timeout.
"""

import contextlib
import dataclasses
import secrets
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from core.log import Log
from core.settings import Settings, SettingsError
from gate.shape import Counters, GateFailedError, Limits, Online, Redirected
from gate.whereabouts import Whereabouts
from gear.radius import answers, nas, service, words
from gear.radius.desk import Desk
from gear.radius.dialects import Again
from gear.radius.memory import Memory
from gear.radius.nas import Nas
from gear.radius.orders import Done, OrderFailedError, Orders, RadiusOrders, SilentGatewayError
from gear.radius.presence import Presence
from gear.radius.records import Admission, Place
from gear.radius.words import Phone

_log = Log("gear")

# So long a gateway that did not answer is not asked again: others are waiting.
_SILENT_S = 10.0
_RESTORING_S = 60.0
_LOOK_EVERY_S = 2.0
_FORGET_EVERY_S = 60.0
_LONGEST_WAIT_S = 3600.0
_AT_ONCE = 8


@dataclasses.dataclass(frozen=True, slots=True)
class _Refused:
    until: float
    wait_s: float


class RadiusGate:
    kind = "radius"

    def __init__(
        self, gateways: Mapping[str, Nas], memory: Memory, orders: Orders, report_every_s: int
    ) -> None:
        self._gateways = gateways
        self._memory = memory
        self._orders = orders
        self._presence = Presence(gateways, memory, report_every_s)
        self._silent_until: dict[str, float] = {}
        self._refused: dict[tuple[str, ...], _Refused] = {}
        self._threads = ThreadPoolExecutor(_AT_ONCE, "orders")

    def close(self) -> None:
        self._threads.shutdown()

    def admit(self, mac: str, seconds: int, limits: Limits) -> None:
        memory = self._memory
        with memory.together():
            before = memory.admission(mac)
            counted = memory.counters_of(mac)
            label = before.label if before else words.ONLINE_CLASS + secrets.token_hex(8)
            total = counted.bytes_up + counted.bytes_down
            admission = Admission(memory.clock() + seconds, limits, total, label)
            memory.admit(mac, admission)
            here = [place for place in memory.places(mac) if place.is_here]
        if not here:
            # The gateway asks when the phone comes.
            return
        place = here[0]
        try:
            if not place.is_open:
                self._ask_again(place)
            elif before is not None:
                self._change(place, before, admission)
        except OrderFailedError as error:
            self._put_back(mac, before, admission)
            raise GateFailedError(str(error)) from error

    def give_pass(self, mac: str, seconds: int, limits: Limits) -> None:  # noqa: ARG002 - the shape of a gate
        raise GateFailedError("a gateway that speaks RADIUS gives no temporary passes")

    def revoke(self, mac: str) -> None:
        memory = self._memory
        with memory.together():
            before = memory.admission(mac)
            memory.dismiss(mac)
            places = memory.places(mac)
        if places:
            # Who may pass is stopped wherever it is: the gateway may have heard so before us.
            stopping = [each for each in places if each.is_open or (before and each.is_here)]
        else:
            # Of before a reboot, perhaps: no gateway has spoken of it since.
            stopping = [_unknown(name, mac) for name in self._gateways]
        try:
            for _ in self._threads.map(self._stop, stopping):
                pass
        except OrderFailedError as error:
            self._put_back(mac, before, None)
            raise GateFailedError(str(error)) from error

    def find(self, mac: str) -> Online | None:
        admission = self._memory.admission(mac)
        return self._online(admission, self._memory.counters_of(mac)) if admission else None

    def online(self) -> dict[str, Online]:
        counted = self.counters()
        nothing = Counters(0, 0)
        return {
            mac: self._online(each, counted.get(mac, nothing))
            for mac, each in self._memory.admissions().items()
        }

    def counters(self) -> dict[str, Counters]:
        return self._memory.counters()

    def vouch(self, redirected: Redirected) -> str | None:
        return self._presence.vouch(redirected)

    def phone_at(self, address: str) -> str | None:
        return self._presence.phone_at(address)

    def whereabouts(self) -> dict[str, Whereabouts]:
        return self._presence.whereabouts()

    def stop_strangers(self) -> None:
        """Stop whom a gateway lets pass and who may no longer."""
        # After a reboot, gateways may speak of a phone before its grant is restored.
        is_early = self._memory.clock() - self._memory.began_at < _RESTORING_S
        strangers = {_key(place): place for place in self._memory.strangers()}
        refused = {key: each for key, each in self._refused.items() if key in strangers}
        self._refused = refused
        for key, place in strangers.items():
            is_due = key not in refused or refused[key].until <= self._memory.clock()
            if is_due and (place.asked_at or not is_early):
                try:
                    self._stop(place)
                except SilentGatewayError:
                    continue
                except OrderFailedError as error:
                    self._put_off(key, error)

    def _put_off(self, key: tuple[str, ...], error: OrderFailedError) -> None:
        """Ask less and less often what a gateway has refused."""
        before = self._refused.get(key)
        if before is None:
            _log.warning("gateway does not stop a phone", problem=str(error))
        wait_s = min(2 * before.wait_s, _LONGEST_WAIT_S) if before else _LOOK_EVERY_S
        self._refused[key] = _Refused(self._memory.clock() + wait_s, wait_s)

    def _online(self, admission: Admission, counted: Counters) -> Online:
        left = int(admission.ends_at - self._memory.clock())
        return Online(left, counted.bytes_up, counted.bytes_down)

    def _put_back(self, mac: str, before: Admission | None, ours: Admission | None) -> None:
        """As if nothing had been asked, unless somebody else has been heard since."""
        with self._memory.together():
            if self._memory.admission(mac) != ours:
                return
            if before is None:
                self._memory.dismiss(mac)
            else:
                self._memory.admit(mac, before)

    def _ask_again(self, place: Place) -> None:
        found = self._gateways[place.phone.nas]
        match found.dialect.again:
            case Again.COA:
                with self._answering(found):
                    self._orders.change(found, place.phone, found.dialect.again_with)
            case Again.DISCONNECT:
                self._stop(place)
            case Again.WAIT:
                pass

    def _change(self, place: Place, before: Admission, admission: Admission) -> None:
        found = self._gateways[place.phone.nas]
        if found.dialect.extend:
            told = answers.online(found, admission, 0, self._memory.clock())
            # If it cannot: at the end of what it knows it asks again.
            with contextlib.suppress(OrderFailedError), self._answering(found):
                self._orders.change(found, place.phone, told)
        elif _speed(before) != _speed(admission):
            self._ask_again(place)

    def _stop(self, place: Place) -> None:
        found = self._gateways[place.phone.nas]
        with self._answering(found):
            done = self._orders.disconnect(found, place.phone)
        self._memory.shut(place)
        if done is Done.GONE:
            _log.debug("gateway had ended a session already", nas=found.name)

    @contextlib.contextmanager
    def _answering(self, found: Nas) -> Iterator[None]:
        """While a gateway is silent, nobody waits for it a second time."""
        now = self._memory.clock()
        if self._silent_until.get(found.name, 0.0) > now:
            raise OrderFailedError(f"the gateway {found.name} did not answer a moment ago")
        try:
            yield
        except SilentGatewayError:
            self._silent_until[found.name] = now + _SILENT_S
            raise


@contextlib.contextmanager
def open_gate(found: Settings) -> Iterator[RadiusGate]:
    """The gate, with FreeRADIUS answered meanwhile. SettingsError: it cannot work as set."""
    gateways = nas.read(found.radius)
    idle_s = _idle_s(found)
    wake, stop_event = threading.Event(), threading.Event()
    with Memory(found.gate_socket.with_name("radius.sqlite")) as memory:
        gate = RadiusGate(gateways, memory, RadiusOrders(), found.radius.report_every_s)
        url = found.portal.url.rstrip("/") + "/gateway"
        desk = Desk(gateways, memory, url, found.radius.report_every_s, idle_s, wake.set)
        watch = threading.Thread(target=_watch, args=(gate, memory, wake, stop_event))
        password = nas.service_password(gateways)
        with service.running(found.radius.service_port, password, desk):
            watch.start()
            try:
                yield gate
            finally:
                stop_event.set()
                wake.set()
                watch.join()
                gate.close()


def check(found: Settings) -> None:
    """SettingsError, as `open_gate` would raise it."""
    nas.read(found.radius)
    _idle_s(found)


def _watch(
    gate: RadiusGate, memory: Memory, wake: threading.Event, stop_event: threading.Event
) -> None:
    forgot_at = memory.clock()
    while not stop_event.is_set():
        wake.wait(_LOOK_EVERY_S)
        wake.clear()
        try:
            gate.stop_strangers()
            if memory.clock() - forgot_at > _FORGET_EVERY_S:
                forgot_at = memory.clock()
                memory.forget()
        except Exception:  # noqa: BLE001 - the next look may go well
            _log.exception("phones not looked after")


def _idle_s(found: Settings) -> int:
    """The longest that a plan allows; SettingsError if reports are too rare to tell."""
    times = [found.plans.guest.idle_timeout_s, found.plans.member.idle_timeout_s]
    if any(0 < time < 2 * found.radius.report_every_s for time in times):
        raise SettingsError(
            "radius.report_every_s must be at most half of each plan's idle_timeout_s: between"
            " two reports of its gateway a phone seems silent"
        )
    return max(times) if all(times) else 0


def _unknown(name: str, mac: str) -> Place:
    """A phone that a gateway may have, as RFC 3580 says that gateways write it."""
    text = mac.replace(":", "-").upper()
    phone = Phone(name, mac, "", "", {"Calling-Station-Id": (text,)})
    return Place(phone, is_open=False, is_here=False, asked_at=0, heard_at=0)


def _key(place: Place) -> tuple[str, ...]:
    return place.phone.nas, place.phone.mac, place.phone.session


def _speed(admission: Admission) -> tuple[int, int]:
    return admission.limits.down_kbit_s, admission.limits.up_kbit_s
