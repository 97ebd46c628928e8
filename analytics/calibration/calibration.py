"""How many people stand behind one estimated device, and how sure that is. Pure.

Sessions in which people were counted give ratios. The factor is their joint ratio (all people
over all devices); how far sessions lie apart says how sure it is. In logarithms:

    factor   = people / devices of all sessions, drawn a little towards 1 while little is known
    variance = scatter^2 (1/4 / days + 3/4 / sessions), both by size
    people   = devices x factor; its variance is that of the factor, and that of the devices or
               scatter^2 (1/4 + 3/4 / how many sessions long it is), whichever is more

Days that make the sensor count too low make sessions scatter, too: the devices' interval and
the scatter are mostly the same doubt, so not both go in. docs/figures/people.md says how it did.
"""

import collections
import dataclasses
import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from analytics.figures.report import Estimate

FEWEST_DEVICES = 20
FEWEST_PEOPLE = 20
"""Of all sessions together: with less there is no factor."""

# Before anybody has counted: between one and four people a device, or the other way round
# (95 %), since one comes without a phone, one with two, and one is never heard.
_PRIOR_SIGMA = math.log(4) / 1.96
# Hours of the simulator (seeds 1 to 12) scattered by 0.19 and 0.23, of which a quarter of the
# variance was the days'. Rounded up, and trusted like five sessions: people at a real door
# are counted with slips, and come with families on Saturdays.
_SCATTER, _SCATTER_SESSIONS, _OF_DAYS = 0.25, 5, 0.25
_NORMAL_95 = 1.96
_CONTRADICTS = 2.58  # as one time in a hundred by chance


class Counted(NamedTuple):
    """One session: how many people were counted, how many devices estimated."""

    people: int
    devices: float
    day: dt.date


@dataclasses.dataclass(frozen=True, slots=True)
class Factor:
    """People for one device, with its 95 % interval."""

    value: float
    low: float
    high: float
    sessions: int
    people: int
    devices: float
    scatter: float
    """Standard deviation of log ratios from one session to the next."""

    @property
    def session_devices(self) -> float:
        return self.devices / self.sessions


def fit(counted: Sequence[Counted]) -> Factor | None:
    """The factor of some sessions; None if they hold too little."""
    people = sum(each.people for each in counted)
    devices = sum(each.devices for each in counted)
    if people < FEWEST_PEOPLE or devices < FEWEST_DEVICES:
        return None
    weights = [each.devices / devices for each in counted]
    of_day: dict[dt.date, float] = collections.defaultdict(float)
    for each, weight in zip(counted, weights, strict=True):
        of_day[each.day] += weight
    sessions, days = _number(weights), _number(of_day.values())
    scatter, freedom = _scatter(counted, weights, people / devices, sessions)
    variance = scatter * (_OF_DAYS / days + (1 - _OF_DAYS) / sessions)
    # What is known from sessions, and what was before, by how sure each is.
    sure = 1 / variance + _PRIOR_SIGMA**-2
    log_ratio = math.log(people / devices) / variance / sure
    reach = _student_95(freedom) / math.sqrt(sure)
    return Factor(
        value=math.exp(log_ratio),
        low=math.exp(log_ratio - reach),
        high=math.exp(log_ratio + reach),
        sessions=len(counted),
        people=people,
        devices=devices,
        scatter=math.sqrt(scatter),
    )


def people(devices: Estimate, factor: Factor | None) -> Estimate:
    """Calibrated people for a figure of estimated devices.

    Withheld devices give withheld people, and so does a factor of None.
    """
    if factor is None or devices.value is None or devices.low is None or devices.high is None:
        return Estimate()
    if not devices.value:
        return Estimate(0, 0, 0)
    # A figure is as many sessions long as it has devices; it may be all of one day.
    length = max(devices.value / factor.session_devices, 1)
    scatter = _NORMAL_95 * factor.scatter * math.sqrt(_OF_DAYS + (1 - _OF_DAYS) / length)
    less, more = devices.value / max(devices.low, 0.5), devices.high / devices.value
    down = math.hypot(max(math.log(less), scatter), math.log(factor.value / factor.low))
    up = math.hypot(max(math.log(more), scatter), math.log(factor.high / factor.value))
    value = devices.value * factor.value
    return Estimate(round(value), round(value * math.exp(-down)), round(value * math.exp(up)))


def contradict(newer: Sequence[Counted], older: Sequence[Counted]) -> bool:
    """Whether newer sessions say something else than older ones, and chance does not explain it."""
    one, other = fit(newer), fit(older)
    if one is None or other is None:
        return False
    apart = abs(math.log(one.value / other.value))
    widths = (math.log(each.high / each.value) / _NORMAL_95 for each in (one, other))
    return apart > _CONTRADICTS * math.hypot(*widths)


def _number(weights: Iterable[float]) -> float:
    """As how many of equal weight they count."""
    return 1 / sum(weight**2 for weight in weights)


def _scatter(
    counted: Sequence[Counted], weights: Sequence[float], ratio: float, sessions: float
) -> tuple[float, float]:
    """Variance of a session's log ratio, and its degrees of freedom."""
    mean = sum(each.people for each in counted) / len(counted)
    # Who is counted and not heard, or the other way round, comes and goes by chance as well.
    before = _SCATTER**2 + abs(ratio - 1) / mean
    # Relative deviations from the joint ratio; a log would have none for a count of zero.
    apart = sum(
        weight**2 * (each.people / (ratio * each.devices) - 1) ** 2
        for weight, each in zip(weights, counted, strict=True)
        if each.devices
    )
    freedom = max(sessions - 1, 0.0)
    seen = apart * sessions**2  # = freedom * the variance of one
    variance = (_SCATTER_SESSIONS * before + seen) / (_SCATTER_SESSIONS + freedom)
    return variance, _SCATTER_SESSIONS + freedom


def _student_95(freedom: float) -> float:
    """The quantile of Student's t for 95 %: Cornish and Fisher's expansion, good from 3 on."""
    z = 1.959964
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
