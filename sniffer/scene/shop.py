"""A day at a shop that never was, as its sensor would have heard it, and the truth of it.

The same seed gives the same capture, octet by octet.
"""

import dataclasses
import datetime as dt
import random
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from sniffer.scene import people, radio
from sniffer.scene.models import market
from sniffer.scene.people import Kind
from sniffer.scene.phone import Phone, Sent

_ACCESS_POINT = "5c:a6:e6:00:5e:01"
_CLIENT = "2a:51:0c:00:5e:02"
_NETWORK = b"Shop guests"
_NOISE_EVERY_S = 20

# Shadowing by bodies and shelves (one value a phone) and fading (one a frame), in dB.
_SHADOWING_DB, _FADING_DB = 2.5, 3.0
_WEAKEST_DBM, _STRONGEST_DBM = -93, -20
_COLLIDES = 0.12

_PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 127)


@dataclasses.dataclass(frozen=True, slots=True)
class HeardFrame:
    at_us: int
    """Microseconds since 1970."""
    data: bytes
    phone: int | None
    """Whose probe request this is; None for what is none."""


@dataclasses.dataclass(frozen=True, slots=True)
class PhoneTruth:
    phone: int
    kind: Kind
    near_from: dt.datetime
    near_until: dt.datetime
    inside_from: dt.datetime | None
    inside_until: dt.datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class Truth:
    phones: tuple[PhoneTruth, ...]

    def count(self, kind: Kind) -> int:
        return sum(phone.kind is kind for phone in self.phones)


@dataclasses.dataclass(frozen=True, slots=True)
class Scene:
    """What there is to a day. The defaults give about 1,500 phones in 8 hours."""

    start: dt.datetime
    """When the shop opens; with a zone."""
    seed: int = 1
    hours: float = 8
    people_per_hour: float = 185
    """Who come near, on average over the day's ups and downs."""
    entry_share: float = 0.15
    staff: int = 3
    fixtures: int = 3
    with_fcs: bool = True
    """Whether the sensor's driver leaves the frame check sequence on."""

    def play(self) -> tuple[list[HeardFrame], Truth]:
        """All frames by time, and what really happened."""
        rng = random.Random(self.seed)  # noqa: S311 - repeatable on purpose, nothing secret
        card = radio.Radio(with_fcs=self.with_fcs)
        frames = list(self._noise(rng, card))
        paths = sorted(self._paths(rng), key=lambda path: path.near_s)
        for number, path in enumerate(paths):
            frames += self._heard(rng, card, number, path)
        frames.sort(key=lambda frame: frame.at_us)
        return frames, Truth(tuple(map(self._truth, range(len(paths)), paths)))

    def write(self, path: Path) -> Truth:
        """Write the capture as a pcap file with radiotap headers."""
        frames, truth = self.play()
        write_capture(path, frames)
        return truth

    def _paths(self, rng: random.Random) -> Iterator[people.Path]:
        end_s = self.hours * 3600
        for _ in range(self.fixtures):
            yield people.fixture(rng, end_s)
        for _ in range(self.staff):
            yield people.staff(rng, end_s)
        for at_s in people.arrivals_s(rng, self.hours, self.people_per_hour):
            comes_in = rng.random() < self.entry_share
            yield people.visitor(rng, at_s) if comes_in else people.passer_by(rng, at_s)

    def _heard(
        self, rng: random.Random, card: radio.Radio, number: int, path: people.Path
    ) -> Iterator[HeardFrame]:
        models = market().fixtures if path.kind is Kind.FIXTURE else market().phones
        model = rng.choices(models, [model.share for model in models])[0]
        shadowing_db = rng.gauss(0, _SHADOWING_DB)
        end_s = min(path.near_s[1], self.hours * 3600)
        for sent in Phone(rng, model).between(path.near_s[0], end_s):
            signal = path.mean_signal_dbm(sent.at_s) + shadowing_db + rng.gauss(0, _FADING_DB)
            if signal >= _WEAKEST_DBM and rng.random() >= _COLLIDES:
                yield self._frame(card, sent, min(round(signal), _STRONGEST_DBM), number)

    def _noise(self, rng: random.Random, card: radio.Radio) -> Iterator[HeardFrame]:
        """Some of what else is in the air: the shop's own access point and a client of it."""
        beacon = radio.beacon(_ACCESS_POINT, _NETWORK, 6)
        upload = radio.data(_ACCESS_POINT, _CLIENT, 64)
        for at_s in range(0, int(self.hours * 3600), _NOISE_EVERY_S):
            for offset_s, frame, sender in ((0, beacon, _ACCESS_POINT), (7, upload, _CLIENT)):
                octets = bytes.fromhex(sender.replace(":", ""))
                sent = Sent(at_s + offset_s, frame, octets, at_s, 6)
                yield self._frame(card, sent, round(rng.gauss(-48, 2)), None)

    def _frame(
        self, card: radio.Radio, sent: Sent, signal_dbm: int, phone: int | None
    ) -> HeardFrame:
        heard = card.receive(sent.frame, sent.sender, sent.sequence, sent.channel, signal_dbm)
        return HeardFrame(round((self.start.timestamp() + sent.at_s) * 1_000_000), heard, phone)

    def _truth(self, number: int, path: people.Path) -> PhoneTruth:
        inside = path.inside_s
        return PhoneTruth(
            number,
            path.kind,
            *map(self._moment, path.near_s),
            *(map(self._moment, inside) if inside else (None, None)),
        )

    def _moment(self, at_s: float) -> dt.datetime:
        return self.start + dt.timedelta(seconds=at_s)


def write_capture(path: Path, frames: Sequence[HeardFrame]) -> None:
    """Write a pcap file (link type 127, microseconds)."""
    with path.open("wb") as file:
        file.write(_PCAP_HEADER)
        for frame in frames:
            seconds, microseconds = divmod(frame.at_us, 1_000_000)
            size = len(frame.data)
            file.write(struct.pack("<IIII", seconds, microseconds, size, size) + frame.data)
