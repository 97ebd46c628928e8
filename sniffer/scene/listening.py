"""What the cards of a sensor make of what phones send: a signal, or nothing.

A card hears its neighbouring channels, too, the fainter the further. The losses and
chances are medians of 100 recordings of single phones by cards on channels 1, 6 and 11, of
frames that say on which channel they were sent (Pintor and Atzori, Computer Networks 2022).
"""

import dataclasses
import math
import random
from collections.abc import Iterable, Iterator

from sniffer.scene import propagation, radio
from sniffer.scene.phone import Sent
from sniffer.scene.premises import Point, Premises
from sniffer.scene.walk import Walk

# By how many channels it is off: loss, and chance that the frame can be made out at all.
_OFF_CHANNEL_DB = (0, 0, 5, 13, 22, 32, 40)
_OFF_CHANNEL_CHANCE = (1.0, 0.6, 0.65, 0.08, 0.07, 0.15, 0.03)
_FURTHEST_OFF = len(_OFF_CHANNEL_DB) - 1
_LAST_24 = 14

# Half of the frames are lost at this signal, nearly all or none 4 dB further; and some
# wherever they are, because others send at the same time.
_FAINTEST_DBM, _SLOPE_DB = -92.0, 1.2
_COLLIDES = 0.1
_WEAKEST_DBM, _STRONGEST_DBM = -100, -15

# A place's loss is worked out anew after so long.
_STANDS_S = 0.5


@dataclasses.dataclass(frozen=True, slots=True)
class HeardFrame:
    at_us: int
    """Microseconds since 1970."""
    data: bytes
    phone: int | None
    """Whose probe request this is; None for what is none."""
    sensor: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Sensors:
    """All sensors of a place, each with a card on every channel, or one that goes over them."""

    premises: Premises
    places: tuple[Point, ...]
    channels: tuple[int, ...]
    cards: tuple[radio.Card, ...]
    hop_s: float
    """How long the one card stays on each channel; 0 if there is a card for each."""

    @classmethod
    def hung(
        cls,
        premises: Premises,
        count: int,
        channels: tuple[int, ...],
        *,
        with_fcs: bool = True,
        hop_s: float = 0.0,
    ) -> "Sensors":
        cards = tuple(
            radio.Card(channel, 0 if hop_s else antenna, with_fcs=with_fcs)
            for antenna, channel in enumerate(channels)
        )
        return cls(premises, premises.sensors(count), channels, cards, hop_s)

    @property
    def heard_channels(self) -> frozenset[int]:
        """Channels of which some card hears something."""
        return frozenset(
            number
            for channel in self.channels
            for number in range(channel - _FURTHEST_OFF, channel + _FURTHEST_OFF + 1)
            if number > 0 and (number == channel or channel <= _LAST_24 >= number)
        )

    def hear(
        self, rng: random.Random, phone: int, walk: Walk, sent: Iterator[Sent], start_s: float
    ) -> Iterator[HeardFrame]:
        """All that is heard of a phone that is carried along `walk`."""
        links = [propagation.Link(rng, self.premises, place) for place in self.places]
        known: dict[tuple[int, bool], tuple[float, float]] = {}
        for each in sent:
            mhz = radio.frequency_mhz(each.channel)
            at_us = round((start_s + each.at_s) * 1_000_000)
            for sensor, link in enumerate(links):
                band = sensor, each.channel > _LAST_24
                since_s, loss_db = known.get(band, (-math.inf, 0.0))
                if each.at_s - since_s > _STANDS_S:
                    loss_db = link.loss_db(each.at_s, walk.place(each.at_s), mhz)
                    known[band] = each.at_s, loss_db
                for data in self._received(rng, each, loss_db):
                    yield HeardFrame(at_us, data, phone, sensor)

    def _received(self, rng: random.Random, sent: Sent, loss_db: float) -> Iterator[bytes]:
        for channel, card in self._tuned(sent.at_s):
            off = abs(channel - sent.channel)
            if off > (_FURTHEST_OFF if channel <= _LAST_24 else 0):
                continue
            signal_dbm = sent.power_dbm - loss_db - _OFF_CHANNEL_DB[off]
            signal_dbm += propagation.fading_db(rng)
            chance = (1 - _COLLIDES) * _OFF_CHANNEL_CHANCE[off]
            chance /= 1 + math.exp((_FAINTEST_DBM - signal_dbm) / _SLOPE_DB)
            if rng.random() < chance:
                shown_dbm = min(max(round(signal_dbm), _WEAKEST_DBM), _STRONGEST_DBM)
                yield card.receive(sent.frame, sent.sender, sent.sequence, shown_dbm)

    def _tuned(self, at_s: float) -> Iterable[tuple[int, radio.Card]]:
        if self.hop_s:
            turn = int(at_s // self.hop_s) % len(self.channels)
            return ((self.channels[turn], self.cards[turn]),)
        return zip(self.channels, self.cards, strict=True)
