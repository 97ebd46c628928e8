"""A store's keys of made-up periods, for tests that need no calendar."""

from sniffer.remote.shape import HandedKey

HOUR_US = 3_600_000_000
MINUTE_US = 60_000_000


class HourKeys:
    """One key an hour; those from before `since_us` are gone."""

    bits = 24

    def __init__(self, seed=0):
        self.seed = seed
        self.since_us = 0

    def settle(self, now_us):
        self.settled_us = now_us

    def of(self, at_us):
        start_us = at_us // HOUR_US * HOUR_US
        if start_us < self.since_us:
            raise KeyError("gone")
        number = start_us // HOUR_US
        return HandedKey(
            f"{self.seed:04x}{number:012x}",
            start_us,
            start_us + HOUR_US,
            20 * MINUTE_US,
            bytes([self.seed]) + number.to_bytes(31, "big"),
        )
