"""How many people stand behind one estimated device, and how sure that is. Pure.

Sessions in which people were counted give ratios. The factor is their joint ratio (all people
over all devices); how far sessions lie apart says how sure it is:

    log factor = log(people / devices), drawn a little towards 0 while little is known
    variance   = scatter^2 / sessions (by size) ; scatter from the sessions and, while they are
                 few, from what sessions are like elsewhere
    people     = devices x factor, its interval made of both intervals and of the scatter
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import NamedTuple

from analytics.report import Estimate

FEWEST_DEVICES = 20
FEWEST_PEOPLE = 20
"""Of all sessions together: with less there is no factor."""

# Before anybody has counted: between one and four people a device, or the other way round
# (95 %), since one comes without a phone, one with two, and one is never heard.
_PRIOR_SIGMA = math.log(4) / 1.96
# Sessions scatter by more than their counts alone make them: by a quarter, as if known from
# five sessions (docs/figures/people.md says how that did on days it was not taken from).
_SCATTER, _SCATTER_SESSIONS = 0.25, 5
_CONTRADICTS = 2.58  # as one time in a hundred by chance


class Counted(NamedTuple):
    """One session: how many people were counted, how many devices estimated."""

    people: int
    devices: float


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
    sessions = 1 / sum(weight**2 for weight in weights)
    ratio = people / devices
    variance, freedom = _scatter(counted, weights, ratio, sessions)
    # What is known from sessions, and what was before, by how sure each is.
    known = sessions / variance
    log_ratio = known * math.log(ratio) / (known + _PRIOR_SIGMA**-2)
    reach = _student_95(freedom) / math.sqrt(known + _PRIOR_SIGMA**-2)
    return Factor(
        value=math.exp(log_ratio),
        low=math.exp(log_ratio - reach),
        high=math.exp(log_ratio + reach),
        sessions=len(counted),
        people=people,
        devices=devices,
        scatter=math.sqrt(variance),
    )


def people(devices: Estimate, factor: Factor | None) -> Estimate:
    """Calibrated people for a figure of estimated devices.

    Withheld devices give withheld people, and so does a factor of None.
    """
    if factor is None or devices.value is None or devices.low is None or devices.high is None:
        return Estimate()
    if not devices.value:
        return Estimate(0, 0, 0)
    # A figure is as many sessions long as it has devices: their scatter averages out over them.
    scatter = 1.96 * factor.scatter / math.sqrt(max(devices.value / factor.session_devices, 1))
    down = _joined(devices.value, max(devices.low, 0.5), factor.value, factor.low, scatter)
    up = _joined(devices.value, devices.high, factor.value, factor.high, scatter)
    value = devices.value * factor.value
    return Estimate(round(value), round(value * math.exp(-down)), round(value * math.exp(up)))


def contradict(newer: Sequence[Counted], older: Sequence[Counted]) -> bool:
    """Whether newer sessions say something else than older ones, and chance does not explain it."""
    one, other = fit(newer), fit(older)
    if one is None or other is None:
        return False
    apart = abs(math.log(one.value / other.value))
    widths = (math.log(each.high / each.value) / 1.96 for each in (one, other))
    return apart > _CONTRADICTS * math.hypot(*widths)


def _scatter(
    counted: Sequence[Counted], weights: Sequence[float], ratio: float, sessions: float
) -> tuple[float, float]:
    """Variance of a session's log ratio, and its degrees of freedom."""
    expected = sum(each.people for each in counted) / len(counted)
    before = _SCATTER**2 + 1 / max(expected, 1) + 1 / max(expected / ratio, 1)
    # Relative deviations from the joint ratio; a log would have none for a count of zero.
    apart = sum(
        weight**2 * (each.people / (ratio * each.devices) - 1) ** 2
        for weight, each in zip(weights, counted, strict=True)
        if each.devices
    )
    seen = apart * sessions * sessions / max(sessions - 1, 1e-9)
    freedom = max(sessions - 1, 0.0)
    if freedom == 0:
        return before, _SCATTER_SESSIONS
    variance = (_SCATTER_SESSIONS * before + freedom * seen) / (_SCATTER_SESSIONS + freedom)
    return variance, _SCATTER_SESSIONS + freedom


def _joined(
    devices: float, devices_end: float, factor: float, factor_end: float, scatter: float
) -> float:
    """Three independent doubts as one, in logarithms."""
    return math.hypot(math.log(devices_end / devices), math.log(factor_end / factor), scatter)


def _student_95(freedom: float) -> float:
    """The quantile of Student's t for 95 %: Cornish and Fisher's expansion, good from 3 on."""
    z = 1.959964
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
