"""How far an estimated count of devices may be off.

Two things go wrong when sightings are linked: one phone falls apart into several devices
(now and then, each phone by itself), and phones of one model merge (all at once, the more
the denser the crowd). So the error of a count has a part that averages out and one that
does not. In logarithms, where they are about even to both sides:

    standard deviation = 0.25 * sqrt(1 + 4 / devices)

Where the constants come from, both measured with `analytics.linking` as it is here:

- 0.25 is the spread of true over estimated count in ten captures of a lecture room with
  48 to 121 people (Rusca et al., Computer Communications 2024): 0.24. Those are the only
  crowds with known truth that we have, and "people" there stands for "phones".
- 4 / devices gives phones of different models, mixed from captures of single ones
  (Pintor and Atzori, Computer Networks 2022; 22 phones, 1 to 11 at a time): on either half
  of the phones a variance of 0.07 to 0.49 by number, 0.23 on average; with 0.25, the
  interval from one half held the truth in all 3,600 mixes of the other half's phones.

It says nothing of phones that stay silent, and it is too narrow for a crowd in which
nearly everybody carries one of a few models (docs/figures/devices.md).
"""

import math
from typing import NamedTuple

_SPREAD = 0.25
_SINGLE_PHONES = 4
_NORMAL_95 = 1.96


class Interval(NamedTuple):
    low: int
    high: int


def of_count(estimated: int) -> Interval:
    """The 95 % interval around an estimated number of devices that were heard."""
    if estimated == 0:
        return Interval(0, 0)
    spread = _SPREAD * math.sqrt(1 + _SINGLE_PHONES / estimated)
    factor = math.exp(_NORMAL_95 * spread)
    return Interval(max(1, math.floor(estimated / factor)), math.ceil(estimated * factor))
