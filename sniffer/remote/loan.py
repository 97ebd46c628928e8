"""What the store's box lends a sensor: keys, its time, and whom to leave out. Memory alone.

One thread fills it, another uses it. Nothing of it goes to a disk; it ends with the program.
"""

import hashlib
import threading

from core.do_not_count import DoNotCountList
from sniffer.remote.clock_difference import ClockDifference
from sniffer.remote.shape import Answer, HandedKey, Keys


class Loan:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: tuple[HandedKey, ...] = ()
        self._bits = 0
        self._clock = ClockDifference()
        self._leave_out: DoNotCountList | None = None
        self._leave_out_version = ""

    def take(self, handed: Keys) -> None:
        """Put these in place of those before: what the box no longer hands out is over.

        After a restart of the box there is another key for the same time.

        Raises:
            ValueError: the list of whom to leave out is none.
        """
        leave_out = handed.leave_out and DoNotCountList.of_text(handed.leave_out)
        with self._lock:
            self._keys = tuple(handed.keys)
            self._bits = handed.bits
            if handed.leave_out is not None:
                self._leave_out = leave_out or None
                self._leave_out_version = version_of(handed.leave_out)

    def measure(self, sent_us: int, answer: Answer, back_us: int) -> None:
        """Learn from an answer how far the box's clock is ahead of ours."""
        with self._lock:
            self._clock.measure(sent_us, answer.received_us, answer.answered_us, back_us)

    def box_us(self, our_us: int) -> int:
        """A moment of our clock, by the box's."""
        with self._lock:
            return our_us + self._clock.us

    def key_at(self, box_us: int) -> tuple[HandedKey, int] | None:
        """The key for a moment of the box's clock, and the length of its pseudonyms."""
        with self._lock:
            for key in self._keys:
                if key.from_us <= box_us < key.until_us:
                    return key, self._bits
        return None

    def leave_out(self) -> DoNotCountList | None:
        with self._lock:
            return self._leave_out

    def leave_out_version(self) -> str:
        """Of the list that we have; empty: of none."""
        with self._lock:
            return self._leave_out_version

    def forget(self, box_us: int) -> None:
        """Drop the keys whose time is over, whether or not the box can be asked for others."""
        with self._lock:
            self._keys = tuple(key for key in self._keys if not key.is_over(box_us))

    def __repr__(self) -> str:
        return "Loan(hidden)"


def version_of(leave_out: str) -> str:
    """By which both ends know whether they have the same list; of none it is empty."""
    return hashlib.blake2b(leave_out.encode(), digest_size=8).hexdigest() if leave_out else ""
