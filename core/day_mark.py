"""By what a phone is counted once a day at the portal, and not known again the day after."""

import datetime as dt

from core.sealing import Sealer


def of(sealer: Sealer, device_lookup: bytes, day: dt.date) -> bytes:
    """The mark of a phone for one store-local day alone.

    Made of `Device.lookup`, so that no address has to be opened for it. Without the key,
    nothing tells that the marks of two days are one phone's, nor which device's a mark is.
    """
    return sealer.lookup(f"day_mark {day.isoformat()}", device_lookup)
