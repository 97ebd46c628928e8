"""How far the figures of traffic may be off: 95 % intervals, from the figures alone.

In logarithms, a figure is off by what does not average out, and by chance. A visitor is seen
once or twice in the counting, and a passer-by once in four or five, the others being silent;
and people come in groups, so that each chance counts more than once.

    variance = spread^2 + per_device / devices

What makes one count wrong mostly makes the other wrong the same way, so that the spread of an
entry rate is less than either's. The constants are those of the simulator's shops, seeds below
100; how often the intervals hold on others is in docs/figures/visits-accuracy.md. Of devices:
nothing here says what devices are to people.
"""

import math
from typing import NamedTuple

_NORMAL_95 = 1.96

_VISITORS_SPREAD, _VISITORS_EACH = 0.10, 2.2
_NEAR_SPREAD, _NEAR_EACH = 0.18, 6.5
_RATE_SPREAD = 0.06
_MEDIAN_SPREAD, _MEDIAN_EACH = 0.05, 0.7


class Figure(NamedTuple):
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


def of_visitors(devices: float) -> Figure:
    return _around(devices, _VISITORS_SPREAD**2, _VISITORS_EACH / max(devices, 1))


def of_passers_by(devices: float) -> Figure:
    return _around(devices, _NEAR_SPREAD**2, _NEAR_EACH / max(devices, 1))


def of_entry_rate(rate: float, entries: float, near: float) -> Figure:
    """The interval of a share.

    Args:
        rate: entries among all who were near; it may have been drawn to another's.
        entries: all who came in.
        near: all who were near, those who came in among them.
    """
    chance = _VISITORS_EACH / max(entries, 1) + _NEAR_EACH / max(near, 1)
    found = _around(rate, _RATE_SPREAD**2, chance)
    return found._replace(high=min(found.high, 1.0))


def of_median(median_s: float, visitors: float) -> Figure:
    """The interval of the middle visitor's time inside."""
    return _around(median_s, _MEDIAN_SPREAD**2, _MEDIAN_EACH / max(visitors, 1))


def _around(value: float, *variances: float) -> Figure:
    factor = math.exp(_NORMAL_95 * math.sqrt(sum(variances)))
    return Figure(value, value / factor, value * factor)
