"""How far an estimated count of devices may be off.

Two things go wrong when sightings are linked: one phone falls apart into several devices
(now and then, each phone by itself), and phones of one model merge (all at once, the more
the denser the crowd). So the error has a part that averages out over many devices and one
that does not, and the count may be further below the truth than above it. In logarithms:

    variance = 0.25 / devices + spread^2      spread: 0.25 downwards, 0.35 upwards

Where the constants come from, measured with `analytics.linking` as it is here:

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
"""

import math
from typing import NamedTuple

_SINGLE_PHONES = 0.25
_SPREAD_DOWN, _SPREAD_UP = 0.25, 0.35
_NORMAL_95 = 1.96


class Interval(NamedTuple):
    low: int
    high: int


def of_count(estimated: int) -> Interval:
    """The 95 % interval around an estimated number of devices that were heard."""
    if estimated == 0:
        return Interval(0, 0)
    low = math.floor(estimated / _factor(estimated, _SPREAD_DOWN))
    return Interval(max(1, low), math.ceil(estimated * _factor(estimated, _SPREAD_UP)))


def _factor(estimated: int, spread: float) -> float:
    return math.exp(_NORMAL_95 * math.sqrt(_SINGLE_PHONES / estimated + spread**2))
