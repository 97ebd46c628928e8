"""A scene as it is heard, frame by frame in the order of time, and then the truth of it.

Memory does not grow with the frames: only who is near at a time is played.
"""

import collections
import datetime as dt
import heapq
import random
from collections.abc import Iterator

from sniffer.scene import radio
from sniffer.scene.listening import HeardFrame, Sensors
from sniffer.scene.people import Person
from sniffer.scene.phone import Phone
from sniffer.scene.truth import WINDOW_S, Device, Truth

_ACCESS_POINT = "5c:a6:e6:00:5e:01"
_CLIENT = "2a:51:0c:00:5e:02"
_NETWORK = b"Shop guests"
_NOISE_EVERY_S = 20


class Recording:
    """Play it once, by iterating; then ask for the truth.

    Args:
        start: what the people's seconds count from; with a zone.
        seed: the same one gives the same frames, octet by octet.
        people: in the order of coming.
        sensors: who listens.
        listens_s: from when until when they do.
    """

    def __init__(
        self,
        start: dt.datetime,
        seed: int,
        people: Iterator[Person],
        sensors: Sensors,
        listens_s: tuple[float, float],
    ) -> None:
        self._start, self._seed, self._coming, self._sensors = start, seed, people, sensors
        self._listens_s = listens_s
        self._people: list[Person] = []
        self._devices: list[Device] = []
        self._heard: dict[int, set[int]] = collections.defaultdict(set)

    def __iter__(self) -> Iterator[HeardFrame]:
        for frame in _merged(self._streams()):
            if frame.phone is not None:
                self._heard[frame.at_us // (WINDOW_S * 1_000_000)].add(frame.phone)
            yield frame

    def truth(self) -> Truth:
        heard = {window: frozenset(devices) for window, devices in self._heard.items()}
        return Truth(self._start, self._people, self._devices, heard)

    def _streams(self) -> Iterator[tuple[int, Iterator[HeardFrame]]]:
        yield self._us(self._listens_s[0]), self._noise()
        for person in self._coming:
            self._people.append(person)
            for model, version in person.devices:
                number = len(self._devices)
                self._devices.append(Device(number, person.number, model.name, version))
                # Its own, so that what it does does not hang on who else is there, nor on
                # who listens.
                rng = self._rng(f"device {number}")
                phone = Phone(rng, model, version, self._sensors.heard_channels)
                yield self._us(person.trips[0].walk.start_s), self._played(number, phone, person)

    def _played(self, number: int, phone: Phone, person: Person) -> Iterator[HeardFrame]:
        rng = self._rng(f"air {number}")
        since_s, until_s = self._listens_s
        for trip in person.trips:
            joins = None if trip.joins_s is None else (trip.joins_s, _NETWORK)
            end_s = min(trip.walk.end_s, until_s)
            sent = phone.between(max(trip.walk.start_s, since_s), end_s, joins)
            yield from self._sensors.hear(rng, number, trip.walk, sent, self._start.timestamp())

    def _noise(self) -> Iterator[HeardFrame]:
        """Some of what else is in the air: the shop's own access point and a client of it."""
        rng = self._rng("noise")
        beacon = radio.beacon(_ACCESS_POINT, _NETWORK, self._sensors.channels[0])
        upload = radio.data(_ACCESS_POINT, _CLIENT, 64)
        since_s, until_s = map(int, self._listens_s)
        for at_s in range(since_s, until_s, _NOISE_EVERY_S):
            for offset_s, template, sender in ((0, beacon, _ACCESS_POINT), (7, upload, _CLIENT)):
                octets = bytes.fromhex(sender.replace(":", ""))
                for sensor in range(len(self._sensors.places)):
                    signal_dbm = round(rng.gauss(-48, 2))
                    data = self._sensors.cards[0].receive(template, octets, at_s, signal_dbm)
                    yield HeardFrame(self._us(at_s + offset_s), data, None, sensor)

    def _rng(self, of: str) -> random.Random:
        return random.Random(f"{self._seed} {of}")  # noqa: S311 - repeatable on purpose

    def _us(self, at_s: float) -> int:
        return round((self._start.timestamp() + at_s) * 1_000_000)


def _merged(streams: Iterator[tuple[int, Iterator[HeardFrame]]]) -> Iterator[HeardFrame]:
    """All frames by time. A stream is begun only when its time has come.

    Args:
        streams: with the time before which each yields nothing, in the order of these.
    """
    running: list[tuple[int, int, HeardFrame, Iterator[HeardFrame]]] = []
    upcoming = next(streams, None)
    begun = 0
    while running or upcoming:
        if upcoming and (not running or upcoming[0] <= running[0][0]):
            stream, begun = upcoming[1], begun + 1
            if first := next(stream, None):
                heapq.heappush(running, (first.at_us, begun, first, stream))
            upcoming = next(streams, None)
            continue
        _, number, frame, stream = running[0]
        yield frame
        if following := next(stream, None):
            heapq.heapreplace(running, (following.at_us, number, following, stream))
        else:
            heapq.heappop(running)
