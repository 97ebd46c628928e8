"""What the jobs do for the access log: say where it is kept, find phones, anchor, forget."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from access_log import access_points, anchoring, audit_verification, box_clock, days, place
from access_log.access_points import Point
from access_log.anchoring import Anchor
from access_log.box_clock import State
from access_log.flows import files
from access_log.phone_addresses import PhoneAddresses
from access_log.place import Place
from core import clock, headquarters
from core.database import Database
from core.headquarters_line import HeadquartersError, Line
from core.log import Log
from core.mac import Mac
from core.sealing import Sealer
from core.setting_groups.portal import NeighboursKind
from core.settings import Settings
from gate.client import GateClient, GateError
from gate.whereabouts import NOWHERE, Whereabouts
from portal.advertising import own_addresses
from portal.neighbours import KernelNeighbours, NeighboursError

_log = Log("jobs")

_Found = tuple[Mapping[Mac, Sequence[object]], Mapping[Mac, Point]]

_CALLED = {"audit": "audit log", "flows": "flow log"}


class Parts(Protocol):
    """What these jobs work on (`appliance.job_table.Parts`)."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def sealer(self) -> Sealer: ...
    @property
    def gate(self) -> GateClient: ...
    @property
    def headquarters(self) -> Line | None: ...


def turns() -> list[tuple[str, int, Callable[[Parts], None]]]:
    """Name, seconds from turn to turn, and what is done."""
    return [
        ("say where the access log is kept", 60, _tell_place),
        ("find phones by their addresses", 15, _FindPhones()),
        ("watch the clock", 60, _WatchClock()),
        ("anchor the access log", 600, _Anchor()),
        ("delete days of the access log that are due", 3600, _forget_days),
    ]


class _FindPhones:
    """Remembers what it has written, and says once that it cannot look."""

    def __init__(self) -> None:
        self._addresses = PhoneAddresses()
        self._is_told = False

    def __call__(self, parts: Parts) -> None:
        try:
            known, points = _look(parts)
        except (NeighboursError, GateError) as error:
            if not self._is_told:
                _log.error("no look at the addresses of phones", reason=str(error))
            self._is_told = True
            return
        self._is_told = False
        now = clock.now()
        today = parts.settings.today(now)
        self._addresses.turn(parts.database, parts.sealer, known, today, now, points=points)


def _look(parts: Parts) -> _Found:
    """IP addresses of phones, and where they are heard."""
    found = parts.settings
    if found.gate.kind.is_foreign:
        return _guests(parts.gate.whereabouts())
    if found.portal.neighbours is not NeighboursKind.KERNEL:
        # The demo's are made up.
        return {}, {}
    interface = found.gate.shopper_interface
    known = KernelNeighbours(interface).addresses()
    of_all = access_points.of_interface(interface)
    points = dict.fromkeys(known, of_all) if of_all else access_points.of_phones(interface)
    return known, points


def _guests(told: Mapping[str, Whereabouts]) -> _Found:
    """By the word of another gateway, which knows none of the box's ports."""
    found = {Mac.parse(mac): each for mac, each in told.items() if each != NOWHERE}
    points = {mac: Point("", each.access_point) for mac, each in found.items()}
    return (
        {mac: each.addresses for mac, each in found.items()},
        {mac: point for mac, point in points.items() if point.bssid},
    )


class _WatchClock:
    def __init__(self) -> None:
        self._watch = box_clock.Watch()

    def __call__(self, parts: Parts) -> None:
        state = self._watch.turn(parts.database, parts.sealer, clock.now())
        if state is State.OFF:
            _log.error("the clock is off: the access log's times are wrong", most_s=5)
        elif state is State.UNKNOWN:
            _log.warning("nothing keeps the clock in step: the access log needs right times")
        elif state is not None:
            _log.info("the clock is right again")


def _tell_place(parts: Parts) -> None:
    store, log = parts.settings.store, parts.settings.access_log
    here = Place(
        store=store.id,
        venue_code=log.venue_code,
        gateway_id=log.gateway_id,
        network=log.network,
        time_zone=store.time_zone,
        day_begins=store.day_begins,
        addresses=own_addresses.of_interface(parts.settings.gate.uplink_interface),
    )
    place.tell(parts.database, parts.sealer, here, clock.now())


class _Anchor:
    """Has headquarters keep it, if there is one; else it is in the journal alone.

    Whoever collects journals keeps that elsewhere.
    """

    def __init__(self) -> None:
        self._is_told = False
        self._told: dict[str, Anchor] = {}

    def __call__(self, parts: Parts) -> None:
        now = clock.now()
        if anchoring.due(parts.database) is None:
            return
        self._write_down("audit", audit_verification.head(parts.database), parts, now)
        self._write_down("flows", _flows_head(parts.settings), parts, now)
        due = anchoring.due(parts.database)
        if due is None:
            return
        where = "journal"
        if parts.headquarters is not None:
            said = {"number": due.number, "hash": due.hash.hex()}
            try:
                fits = parts.headquarters.ask(headquarters.ANCHOR, said, now).get("fits")
            except HeadquartersError as error:
                if not self._is_told:
                    _log.warning("the access log is not anchored", reason=str(error))
                self._is_told = True
                return
            where = "headquarters"
            if fits is not True:
                _log.error("the access log is not the one that headquarters knows: verify it")
        self._is_told = False
        _log.info("the access log stands at", anchor=str(due), kept_by=where)
        anchoring.kept(parts.database, parts.sealer, due, where, now)

    def _write_down(self, log: str, stands: Anchor | None, parts: Parts, now: dt.datetime) -> None:
        """So that what keeps the access log's place keeps that one's."""
        if stands is not None and stands != self._told.get(log):
            anchoring.write_down(parts.database, parts.sealer, log, stands, now)
            _log.info(f"the {_CALLED[log]} stands at", anchor=str(stands))
            self._told[log] = stands


def _flows_head(found: Settings) -> Anchor | None:
    try:
        number, digest = files.head(found.flows_dir)
    except OSError:
        # Of what it is the jobs may not read, a night's look tells (`verification_jobs`).
        return None
    return Anchor(number, digest) if number else None


def _forget_days(parts: Parts) -> None:
    with parts.database.writing() as session:
        gone = days.forget(session, clock.now(), parts.settings.access_log.days)
    for day in gone:
        _log.info("day of the access log deleted", day=day.isoformat())
