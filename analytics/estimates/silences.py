"""How long phones are silent between two bursts, and what that hides. Arrays in, chances out.

A phone that is near for a while begins at a random moment of one silence and ends at a random
moment of another:

    comes                                      goes
      |-----x-----------x--------x----------x----|
      `-----' S                             `----' S      `span`: from the first x to the last

So whoever is near for less than a silence may not be heard at all, and everybody is there for
longer than the span. Silences are those in the store, where phones stay long enough to be
heard again; phones in the street are the same phones.
"""

import numpy as np

from analytics.devices.linking import Floats

LONGEST_S = 600.0
"""A silence longer than this is two stays. Phones with the screen off probe every 20 to 270 s."""

_STEP_S = 5.0
_STEPS = int(LONGEST_S / _STEP_S) + 1

# Before a day shows its own: 22 phones that lay in one place made 0.43 to 2.7 bursts a minute
# (docs/simulator.md), 0.75 in the middle. As much as forty silences of the day's own.
_USUAL_S, _USUAL = 80.0, 40


class Silences:
    """The day's, and what follows from them.

    Args:
        heard_s: silences between bursts of phones in the store, none above `LONGEST_S`.
    """

    def __init__(self, heard_s: Floats) -> None:
        usual_s = -_USUAL_S * np.log1p(-(np.arange(_USUAL) + 0.5) / _USUAL)
        ordered = np.sort(np.r_[heard_s, np.minimum(usual_s, LONGEST_S)])
        self._steps_s = np.arange(_STEPS) * _STEP_S
        upto = np.searchsorted(ordered, self._steps_s, side="right")
        self._longer = 1 - upto / len(ordered)
        self.mean_s = float(self._longer.sum() * _STEP_S)
        self._until_heard = np.r_[0.0, np.cumsum(self._longer)] * _STEP_S / self.mean_s
        # Both ends of a stay together.
        self._ends = np.convolve(self._longer, self._longer) * _STEP_S / self.mean_s

    def heard(self, stay_s: float | Floats) -> Floats:
        """The chance that a phone that is near for so long is heard at all."""
        ends_s = np.r_[self._steps_s, LONGEST_S + _STEP_S]
        chance: Floats = np.minimum(np.interp(stay_s, ends_s, self._until_heard), 1.0)
        return chance

    def hidden(self, extra_s: Floats) -> Floats:
        """How likely a stay is to last so much longer than its span; as a density."""
        steps = (extra_s / _STEP_S).astype(np.int64)
        possible = (extra_s >= 0) & (steps < len(self._ends))
        return np.where(possible, self._ends[np.clip(steps, 0, len(self._ends) - 1)], 0.0)

    def hidden_so_far(self, extra_s: Floats, silent_s: Floats) -> Floats:
        """As `hidden`, of stays that may be going on: last heard `silent_s` ago.

        What comes after now says nothing: a phone that stays on is silent for as long as one
        that has just gone.
        """
        density = np.zeros(np.broadcast_shapes(extra_s.shape, silent_s.shape))
        for before_s, longer in zip(self._steps_s.tolist(), self._longer.tolist(), strict=True):
            after = np.minimum(extra_s - before_s, silent_s)
            steps = np.clip(after / _STEP_S, 0, _STEPS - 1).astype(np.int64)
            density += np.where(after >= 0, longer * self._longer[steps], 0.0)
        density *= _STEP_S / self.mean_s
        return density
