"""How far an estimated count of devices may be off.

Two things go wrong when sightings are linked: one phone falls apart into several devices
(now and then, each phone by itself), and phones of one model merge (all at once, the more
the denser the crowd). So the error has a part that averages out over many devices and one
that does not, and the count may be further below the truth than above it. In logarithms:

    variance = 0.25 / devices + spread^2      spread: 0.25 downwards, 0.35 upwards

Where the constants come from, measured with `analytics.devices.linking` as it is here:

- 0.25 / devices: mixes of 1 to 11 phones of different models, from captures of single ones
  (Pintor and Atzori, Computer Networks 2022, 22 phones). Of twenty times half the phones,
  the variance times devices was 0.07 to 0.49, on average 0.23.
- 0.25: the spread of true over estimated count in ten captures of a lecture room with 48
  to 121 people (Rusca et al., Computer Communications 2024). They are the only crowds of
  known size that we have, and people there stand for phones.
- 0.35: a whole day of our own scene (`sniffer.scene`), which gives 542 devices for the 942
  phones heard, since one passer-by takes over the look of the one before. No public
  capture with known truth is that long.

So made, the interval held the truth in all 480 mixes of 1 to 22 phones, in the ten rooms
and in the scene. It says nothing of phones that stay silent, and is too narrow for a crowd
in which nearly everybody carries one of a few models (docs/figures/devices.md).

That is `of_count`, for counts of visits. `of_crowd` is for devices of which `devices.crowds`
says how far likeness may mislead, each way by a spread of its own. In logarithms:

    variance = (1.75 spread)^2 + 0.005 / devices + (0.3 devices^2 / (devices^2 + 60^2))^2

- 1.75: what overlaps, scans and signals say is not as independent as `devices.crowds` takes
  it for. So much it takes for crowds made of recordings of 11 of the 22 phones, in which each
  phone stands for several; they differ more in how often they scan than phones of a room.
- 0.005 / devices: one phone that falls apart, or is a part, now and then. Mixes of 3 to 11
  of the same phones.
- the rest, which grows with the crowd: the lecture room, where people stand for phones, so
  that part of it is that not everybody's phone was heard.

How often it then was right elsewhere: docs/figures/accuracy.md.
"""

import math
from typing import NamedTuple

_SINGLE_PHONES = 0.25
_SPREAD_DOWN, _SPREAD_UP = 0.25, 0.35
_OVERSURE, _ROUGH, _CROWDED, _CROWDED_FROM = 1.75, 0.005, 0.3, 60
_NORMAL_95 = 1.96


class Crowd(NamedTuple):
    """How many phones there are, and by how much that may be off because they are alike."""

    phones: int
    log_spread_down: float
    """How far the middle 68 % of what is likely goes down from it, in logarithms."""
    log_spread_up: float


class Interval(NamedTuple):
    low: int
    high: int


def of_count(estimated: int, variance: float = 0.0) -> Interval:
    """The 95 % interval around an estimated number of devices that were heard.

    Args:
        estimated: how many.
        variance: of the number itself, if it was not counted but expected.
    """
    if estimated == 0:
        return Interval(0, 0)
    own = _SINGLE_PHONES / estimated + variance / estimated**2
    low = math.floor(estimated / _factor(own, _SPREAD_DOWN))
    high = math.ceil(estimated * _factor(own, _SPREAD_UP))
    return Interval(max(1, low), high)


def of_crowd(crowd: Crowd) -> Interval:
    """The 95 % interval around a number of phones that were heard, some of them alike."""
    if crowd.phones == 0:
        return Interval(0, 0)
    crowded = _CROWDED * crowd.phones**2 / (crowd.phones**2 + _CROWDED_FROM**2)
    variance = _ROUGH / crowd.phones + crowded**2
    low = round(crowd.phones / _factor(variance, _OVERSURE * crowd.log_spread_down))
    high = round(crowd.phones * _factor(variance, _OVERSURE * crowd.log_spread_up))
    return Interval(max(1, low), high)


def _factor(variance: float, spread: float) -> float:
    return math.exp(_NORMAL_95 * math.sqrt(variance + spread**2))
