"""Sums the time that devices were inside up by quarters of an hour. Pure.

Hours of every zone begin on a quarter of a UTC hour, so quarters can be put together to
the hours of any store.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from core.sightings import QUARTER_S

_Ints = npt.NDArray[np.int64]

_QUARTER_US = QUARTER_S * 1_000_000


class Occupancy(NamedTuple):
    """How much time devices spent inside, together; whole microseconds."""

    first: int
    """Number of the first quarter since 1970."""
    inside_us: _Ints
    """Of this quarter and those that follow."""

    @classmethod
    def of(cls, begin_us: _Ints, length_us: _Ints) -> Self:
        """Of spans inside, as `analytics.visits.visits` gives them."""
        if not len(begin_us):
            return cls(0, np.zeros(0, np.int64))
        end_us = begin_us + length_us
        begin, end = begin_us // _QUARTER_US, end_us // _QUARTER_US
        first, quarters = int(begin.min()), int(end.max()) - int(begin.min()) + 1
        begin, end = begin - first, end - first
        at_begin = np.minimum(end_us, (begin + first + 1) * _QUARTER_US) - begin_us
        at_end = np.where(end > begin, end_us - (end + first) * _QUARTER_US, 0)
        # Whole quarters between the two: from the one after the first to the last.
        crossing = np.bincount(begin + 1, minlength=quarters + 1) - np.bincount(
            np.maximum(end, begin + 1), minlength=quarters + 1
        )
        inside_us = np.cumsum(crossing)[:quarters] * _QUARTER_US
        for quarter, part in ((begin, at_begin), (end, at_end)):
            # In whole numbers below 2^53, so that floats add them up exactly.
            inside_us += np.bincount(quarter, weights=part, minlength=quarters).astype(np.int64)
        return cls(first, inside_us)

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        parts = [part for part in parts if len(part.inside_us)]
        if not parts:
            return cls(0, np.zeros(0, np.int64))
        first = min(part.first for part in parts)
        last = max(part.first + len(part.inside_us) for part in parts)
        inside_us = np.zeros(last - first, np.int64)
        for part in parts:
            begin = part.first - first
            inside_us[begin : begin + len(part.inside_us)] += part.inside_us
        return cls(first, inside_us)

    def within(self, start: dt.datetime, end: dt.datetime) -> int:
        """Microseconds inside between two moments that are on quarters."""
        begin = round(start.timestamp()) // QUARTER_S - self.first
        until = round(end.timestamp()) // QUARTER_S - self.first
        return int(self.inside_us[max(begin, 0) : max(until, 0)].sum())
