"""What really happened in a scene: who came, where they were, what they carried.

Every figure is of people or phones that are there, heard or not; what was heard stands
beside it.
"""

import collections
import dataclasses
import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sniffer.scene.people import Kind, Person, Trip

WINDOW_S = 900
_COMERS = (Kind.PASSER_BY, Kind.WINDOW_SHOPPER, Kind.VISITOR)
_GEAR = (Kind.FURNITURE, Kind.NEIGHBOUR)


@dataclasses.dataclass(frozen=True, slots=True)
class Device:
    number: int
    person: int
    model: str
    version: int


@dataclasses.dataclass(frozen=True, slots=True)
class Hour:
    """One hour from the scene's beginning: people of the public, by when they come near."""

    start: dt.datetime
    passed: int
    looked_in: int
    entered: int

    @property
    def entry_rate(self) -> float | None:
        came = self.passed + self.looked_in + self.entered
        return self.entered / came if came else None


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """A quarter of an hour, as windows are cut for linking: who was there in it at all."""

    start: dt.datetime
    people_near: int
    people_inside: int
    devices_near: int
    """Of people; furniture and neighbours' gear are apart."""
    devices_inside: int
    devices_heard: int
    gear_heard: int


@dataclasses.dataclass(frozen=True, slots=True)
class Truth:
    start: dt.datetime
    """Moments in trips are seconds from here."""
    people: Sequence[Person]
    devices: Sequence[Device]
    heard: Mapping[int, frozenset[int]]
    """Devices heard, by the number of the window since 1970."""

    def trips(self, *kinds: Kind) -> Iterator[tuple[Person, Trip]]:
        for person in self.people:
            for trip in person.trips:
                if not kinds or trip.kind in kinds:
                    yield person, trip

    def count(self, kind: Kind) -> int:
        """Trips of that kind."""
        return sum(1 for _ in self.trips(kind))

    @property
    def entry_rate(self) -> float:
        return self.count(Kind.VISITOR) / max(sum(map(self.count, _COMERS)), 1)

    def dwell_s(self) -> list[float]:
        """How long each visit was, in order of coming."""
        stretches = [trip.inside_s for _, trip in self.trips(Kind.VISITOR)]
        return [until_s - since_s for since_s, until_s in filter(None, stretches)]

    def hours(self) -> list[Hour]:
        came = collections.Counter(
            (int(trip.walk.start_s // 3600), trip.kind) for _, trip in self.trips(*_COMERS)
        )
        return [
            Hour(self._at(3600 * hour), *(came[hour, kind] for kind in _COMERS))
            for hour in sorted({hour for hour, _ in came})
        ]

    def windows(self) -> list[Window]:
        near, inside = self._by_window("near"), self._by_window("inside")
        gear = {person.number for person, trip in self.trips(*_GEAR)}
        owner = {device.number: device.person for device in self.devices}
        carried = collections.Counter(owner.values())
        rows = []
        for window in sorted(near):
            around, within = near[window] - gear, inside[window] - gear
            heard = self.heard.get(window, frozenset())
            gear_heard = sum(owner[device] in gear for device in heard)
            rows.append(
                Window(
                    start=dt.datetime.fromtimestamp(window * WINDOW_S, self.start.tzinfo),
                    people_near=len(around),
                    people_inside=len(within),
                    devices_near=sum(carried[person] for person in around),
                    devices_inside=sum(carried[person] for person in within),
                    devices_heard=len(heard) - gear_heard,
                    gear_heard=gear_heard,
                )
            )
        return rows

    def to_json(self) -> str:
        shown = {
            "start": self.start.isoformat(),
            "entry_rate": self.entry_rate,
            "hours": [_row(hour) | {"entry_rate": hour.entry_rate} for hour in self.hours()],
            "windows": [_row(window) for window in self.windows()],
            "people": [self._person(person) for person in self.people],
            "devices": [dataclasses.asdict(device) for device in self.devices],
        }
        return json.dumps(shown, indent=1)

    def _person(self, person: Person) -> dict[str, Any]:
        trips = [self._trip(trip) for trip in person.trips]
        return {"person": person.number, "group": person.group, "trips": trips}

    def _trip(self, trip: Trip) -> dict[str, Any]:
        joins = None if trip.joins_s is None else self._at(trip.joins_s).isoformat()
        zones = [[self._at(at_s).isoformat(), zone] for at_s, zone in zones_of(trip)]
        dwell_s = trip.inside_s and round(trip.inside_s[1] - trip.inside_s[0], 1)
        return {"kind": trip.kind, "zones": zones, "dwell_s": dwell_s, "joins": joins}

    def _by_window(self, where: str) -> dict[int, set[int]]:
        """Who was near or inside in each window."""
        found: dict[int, set[int]] = collections.defaultdict(set)
        for person, trip in self.trips():
            stretch = trip.inside_s if where == "inside" else (trip.walk.start_s, trip.walk.end_s)
            if stretch is None:
                continue
            first, last = (int((self.start.timestamp() + at_s) // WINDOW_S) for at_s in stretch)
            for window in range(first, last + 1):
                found[window].add(person.number)
        return found

    def _at(self, at_s: float) -> dt.datetime:
        return self.start + dt.timedelta(seconds=round(at_s, 3))


def zones_of(trip: Trip) -> list[tuple[float, str]]:
    """Where somebody is from when on, until they are "away"."""
    changes = [(trip.walk.start_s, "next door" if trip.kind is Kind.NEIGHBOUR else "street")]
    for stretch, zone in ((trip.at_window_s, "window"), (trip.inside_s, "inside")):
        if stretch:
            changes += [(stretch[0], zone), (stretch[1], "street")]
    if changes[-1][0] >= trip.walk.end_s:
        changes.pop()
    changes.append((trip.walk.end_s, "away"))
    return [change for change, after in zip(changes, [*changes[1:], None], strict=True)
            if after is None or after[0] > change[0]]  # fmt: skip


def _row(row: Any) -> dict[str, Any]:
    return dataclasses.asdict(row) | {"start": row.start.isoformat()}
