"""How far the box's clock is ahead of this machine's: measured with every answer.

sent ──> received     what the way took there and back is sure; how it was split is not,
         answered     so the quickest of the last answers tells best
back <──
"""

import collections
from typing import NamedTuple

_ANSWERS = 8

# By more than this ordinary clocks do not drift apart within so many answers.
_DRIFT_US = 20_000


class _Sample(NamedTuple):
    difference_us: int
    uncertain_us: int


class ClockDifference:
    def __init__(self) -> None:
        self._samples: collections.deque[_Sample] = collections.deque(maxlen=_ANSWERS)

    @property
    def us(self) -> int:
        """What is to be added to this machine's time."""
        return self._best().difference_us if self._samples else 0

    def measure(self, sent_us: int, received_us: int, answered_us: int, back_us: int) -> None:
        """Take an answer's times; the inner two are the box's."""
        way_us = max((back_us - sent_us) - (answered_us - received_us), 0)
        sample = _Sample(((received_us - sent_us) + (answered_us - back_us)) // 2, way_us // 2 + 1)
        if self._samples and not self._fits(sample):
            # One of the clocks was set.
            self._samples.clear()
        self._samples.append(sample)

    def _fits(self, sample: _Sample) -> bool:
        best = self._best()
        apart_us = abs(sample.difference_us - best.difference_us)
        return apart_us <= sample.uncertain_us + best.uncertain_us + _DRIFT_US

    def _best(self) -> _Sample:
        return min(self._samples, key=lambda each: each.uncertain_us)
