"""Whether phones are told of the API, by the latest tests of it. Pure.

One test that fails is tried again after two seconds, and the second withdraws: a lost packet
or a portal that starts anew changes nothing, and a fault lasts seconds. To come back takes
three good tests at the usual pace, so that what comes and goes stays withdrawn.
"""

from portal.advertising.fault import Fault

GOOD_TO_ADVERTISE = 3
BAD_TO_WITHDRAW = 2
RETRY_S = 2.0


class Verdict:
    """Withdrawn at first: nobody has tested anything yet."""

    def __init__(self) -> None:
        self.advertised = False
        self.fault: Fault | None = None
        """Why it is not advertised, or will not be if the next test fails, too."""
        self._in_a_row = 0

    def take(self, fault: Fault | None) -> None:
        """The outcome of one test."""
        against = (fault is not None) if self.advertised else (fault is None)
        self.fault = fault
        self._in_a_row = self._in_a_row + 1 if against else 0
        needed = BAD_TO_WITHDRAW if self.advertised else GOOD_TO_ADVERTISE
        if self._in_a_row >= needed:
            self.advertised = not self.advertised
            self._in_a_row = 0

    def wait_s(self, check_every_s: float) -> float:
        """How long until the next test."""
        in_doubt = self.advertised and self.fault is not None
        return min(RETRY_S, check_every_s) if in_doubt else check_every_s
