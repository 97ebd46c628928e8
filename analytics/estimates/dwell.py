"""How long visits lasted, by the spans in which they were heard. Arrays in, a distribution out.

Dwell is taken to be lognormal, as times that people choose mostly are. Which lognormal is what
makes the observed spans likeliest, given what phones' silences hide
(`estimates.silences`): so short visits are counted in that went unheard, and visits that are
going on say that they last at least until now.
"""

import dataclasses

import numpy as np

from analytics.devices.linking import Bools, Floats
from analytics.estimates.silences import LONGEST_S, Silences

STAYS_S = np.geomspace(30.0, 12 * 3600.0, 64)
"""What a visit may have lasted."""

_MEDIANS_S = np.geomspace(90.0, 5400.0, 40)
_SPREADS = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.3])

# ASSUMPTION, and weak: shops in which people stay for ten minutes, give or take a factor of
# two; spreads as those of other times that people choose.
_USUAL_S, _USUAL_WITHIN = 600.0, 0.7
_USUAL_SPREAD, _SPREAD_WITHIN = 0.85, 0.15

_LEAST = 1e-12


@dataclasses.dataclass(frozen=True, slots=True)
class Dwell:
    """The distribution of dwell, of all who came in."""

    shares: Floats
    """Of each of `STAYS_S`."""
    of_each: Floats
    """The same of each single visit, given its span: a row a visit."""
    heard_twice: float
    """The share of visits that are heard at least twice."""
    spread: float
    """Of the logarithm of dwell."""

    def longer(self, than_s: float) -> float:
        return float(self.shares[than_s <= STAYS_S].sum())

    def quantile_s(self, part: float, *, from_s: float) -> float:
        """Of the visits that lasted for `from_s` or longer."""
        return float(quantiles_s(self.shares, np.array(part), from_s=from_s))


def quantiles_s(shares: Floats, parts: Floats, *, from_s: float, to_s: float = np.inf) -> Floats:
    """Of the visits that lasted for so long, `to_s` not included.

    Args:
        shares: of each of `STAYS_S`.
        parts: of the visits.
        from_s: no visit is shorter.
        to_s: all are.
    """
    which = (from_s <= STAYS_S) & (to_s > STAYS_S)
    upto = np.cumsum(shares[which]) / max(shares[which].sum(), _LEAST)
    found: Floats = np.exp(np.interp(parts, upto, np.log(STAYS_S[which])))
    return found


def fit(
    span_s: Floats, silent_s: Floats, weight: Floats, tells: Bools, silences: Silences
) -> Dwell:
    """The distribution that explains the spans.

    Args:
        span_s: of each visit, from its first burst to its last.
        silent_s: how long before now the last one was; 0 or more.
        weight: how many visits it stands for.
        tells: whether the distribution is to explain it. It must have been heard twice: some that
            were heard once are passers-by whose signal was strong for a moment.
        silences: of phones in the store.
    """
    hidden = silences.hidden(STAYS_S - span_s[:, None])
    running = silent_s < LONGEST_S
    if running.any():
        hidden[running] = silences.hidden_so_far(
            STAYS_S - span_s[running, None], silent_s[running, None]
        )
    twice = np.maximum(silences.heard(STAYS_S) - silences.hidden(STAYS_S), _LEAST)

    off = np.log(STAYS_S[:, None, None] / _MEDIANS_S[:, None]) / _SPREADS
    lognormals = np.exp(-(off**2) / 2).reshape(len(STAYS_S), -1)
    lognormals /= lognormals.sum(axis=0)
    fits = weight[tells] @ np.log(hidden[tells] @ lognormals + _LEAST)
    fits -= weight[tells].sum() * np.log(twice @ lognormals)
    if tells.any():
        fits /= weight[tells].mean()
    usual = (np.log(_MEDIANS_S / _USUAL_S) / _USUAL_WITHIN) ** 2
    fits -= (usual[:, None] + ((_SPREADS - _USUAL_SPREAD) / _SPREAD_WITHIN) ** 2).ravel() / 2
    best = int(fits.argmax())
    shares = lognormals[:, best]

    of_each = hidden * shares
    of_each /= np.maximum(of_each.sum(axis=1, keepdims=True), _LEAST)
    return Dwell(shares, of_each, float(twice @ shares), float(_SPREADS[best % len(_SPREADS)]))
