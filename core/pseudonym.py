"""Pseudonyms that last a store-local day, or a few minutes, and cannot be traced back.

A phone's address, and the fingerprint of its probe requests, are each turned into
a keyed BLAKE2b hash (RFC 7693), cut to a few bits. The 256-bit key comes from the
operating system, lives in memory alone and is dropped with its period (a day, in strict
mode a window), so nobody, ourselves included, can test afterwards whether a known phone
was there.
An unkeyed or fixed-key hash would not do: the whole space of sold addresses can be
tried in a day (docs/privacy.md).
"""

import datetime as dt
import hashlib
import secrets
import threading


class DayKeys:
    """The pseudonymisation keys, by store-local day. Never written, never logged.

    Only the two newest are kept, because frames around its end may arrive out of order,
    and the older one no longer than that takes (`forget_before`). In strict mode the same
    goes for windows, which are told by the moment of their start.
    """

    def __init__(self, bits: int) -> None:
        """`bits`: how long a pseudonym is, 16 to 63, so that it fits an SQLite integer."""
        if not 16 <= bits <= 63:  # noqa: PLR2004 - the documented range
            raise ValueError("pseudonyms are 16 to 63 bits long")
        self.bits = bits
        self._making = threading.Lock()
        self._keys: dict[dt.date, bytes] = {}
        self._since: dt.date | None = None

    def pseudonym(self, period: dt.date, kind: bytes, value: bytes) -> int:
        """The pseudonym of `value` in a period.

        Args:
            period: a store-local day, or a moment, at which a window of strict mode
                starts; another one gives an unrelated pseudonym. Never both in one object.
            kind: at most 16 bytes that keep kinds apart (address, fingerprint).
            value: what must not be recoverable.

        Raises:
            KeyError: the key of that period is gone; it is never made again.
        """
        return pseudonym(self.key_of(period), self.bits, kind, value)

    def key_of(self, period: dt.date) -> bytes:
        """The key itself, for the memory of another sensor of this store. KeyError: it is gone."""
        # Other sensors ask for it in threads of their own.
        return self._keys.get(period) or self._make(period)

    def forget_before(self, period: dt.date) -> None:
        """Drop the keys of all earlier periods: from now on they have none."""
        with self._making:
            self._forget_before(period)

    def _make(self, period: dt.date) -> bytes:
        with self._making:
            if period in self._keys:
                return self._keys[period]
            if self._since is not None and period < self._since:
                raise KeyError("the key of that period is gone")
            key = self._keys[period] = secrets.token_bytes(32)
            self._forget_before(sorted(self._keys)[-2:][0])
            return key

    def _forget_before(self, period: dt.date) -> None:
        self._since = max(period, self._since or period)
        for old in [each for each in self._keys if each < self._since]:
            del self._keys[old]

    def __repr__(self) -> str:
        return "DayKeys(hidden)"


def pseudonym(key: bytes, bits: int, kind: bytes, value: bytes) -> int:
    """The pseudonym of `value` under a key: `DayKeys.pseudonym`, where the key is at hand."""
    digest = hashlib.blake2b(value, digest_size=8, key=key, person=kind)
    return int.from_bytes(digest.digest(), "big") >> (64 - bits)
