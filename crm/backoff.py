"""How long to wait before the next attempt."""

import dataclasses
import datetime as dt
import random
from collections.abc import Callable

# A CRM (or a wrong clock of its) may ask for patience, but not silence a store for days.
_LONGEST_ASKED = dt.timedelta(hours=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Backoff:
    """Doubles from `first_s` up to `longest_s`, and takes a random half off.

    Without chance, a thousand stores that lost the CRM at the same moment would all
    come back at the same moment.
    """

    first_s: float = 2
    longest_s: float = 900
    chance: Callable[[], float] = random.random
    """Gives numbers from 0 to below 1."""

    def wait(self, attempts: int, asked_s: float | None = None) -> dt.timedelta:
        """The wait after that many failed attempts; at least what the CRM asked for, if it did."""
        doublings = min(attempts - 1, 20)
        ceiling = min(self.first_s * 2**doublings, self.longest_s)
        own = dt.timedelta(seconds=ceiling * (0.5 + self.chance() / 2))
        if asked_s is None:
            return own
        asked = min(dt.timedelta(seconds=min(asked_s, 1e6)), _LONGEST_ASKED)
        return max(own, asked)
