"""Where a radio listens: channels of 20 MHz in the bands of 2.4, 5 and 6 GHz.

The 6 GHz band counts from 1 again, so a channel is told by its middle frequency. People may
write the number of a channel in the two older bands.
"""

from typing import NamedTuple, Self

_OLDER = {
    **{2407 + 5 * number: number for number in range(1, 14)},
    2484: 14,
    **{
        5000 + 5 * number: number
        for number in (*range(36, 65, 4), *range(100, 145, 4), *range(149, 178, 4))
    },
}
_NUMBERS = {**_OLDER, **{5950 + 5 * number: number for number in range(1, 234, 4)}}
_FREQUENCIES = {number: mhz for mhz, number in _OLDER.items()}


class Channel(NamedTuple):
    mhz: int

    @classmethod
    def of(cls, written: int) -> Self:
        """The channel of a number in the older bands, or of a frequency in MHz.

        Raises:
            ValueError: there is no such channel.
        """
        mhz = _FREQUENCIES.get(written, written)
        if mhz not in _NUMBERS:
            raise ValueError(f"{written} is neither a channel's number nor its frequency in MHz")
        return cls(mhz)

    def __str__(self) -> str:
        return f"{_NUMBERS.get(self.mhz, '?')} ({self.mhz} MHz)"
