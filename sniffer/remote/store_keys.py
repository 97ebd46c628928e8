"""The keys of the running periods, as they are handed to the store's other sensors."""

import hashlib
import zoneinfo

from core.pseudonym import DayKeys
from sniffer.periods import BadTimeError, Periods
from sniffer.remote.shape import HandedKey


class PeriodKeys:
    """`reception.StoreKeys` of the sensor's own keys."""

    def __init__(self, keys: DayKeys, zone: zoneinfo.ZoneInfo, *, is_strict: bool) -> None:
        self._keys = keys
        self._periods = Periods(zone, is_strict=is_strict)

    @property
    def bits(self) -> int:
        return self._keys.bits

    def of(self, at_us: int) -> HandedKey:
        try:
            period = self._periods.of(at_us)
        except BadTimeError as error:
            raise KeyError("no such time") from error
        key = self._keys.key_of(period.name)
        # What is taken has to be written before the grace is over.
        late_us = period.grace_us * 2 // 3
        return HandedKey(_id(key), period.start_us, period.end_us, late_us, key)

    def settle(self, now_us: int) -> None:
        """Forget the keys of what is over, also where no radio of the box's own does."""
        period = self._periods.of(now_us)
        if now_us >= period.start_us + period.grace_us:
            self._keys.forget_before(period.name)


def _id(key: bytes) -> str:
    """Another one for each key that was ever drawn; it tells nothing of the key."""
    return hashlib.blake2b(key=key, digest_size=8, person=b"id").hexdigest()
