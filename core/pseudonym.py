"""Pseudonyms that last a store-local day and cannot be traced back.

A phone's address, and the fingerprint of its probe requests, are each turned into
a keyed BLAKE2b hash (RFC 7693), cut to a few bits. The 256-bit key comes from the
operating system, lives in memory alone and is dropped with its day, so nobody,
ourselves included, can test afterwards whether a known phone was there.
An unkeyed or fixed-key hash would not do: the whole space of sold addresses can be
tried in a day (docs/privacy.md).
"""

import datetime as dt
import hashlib
import secrets


class DayKeys:
    """The pseudonymisation keys, by store-local day. Never written, never logged.

    Only the two newest days are kept: frames around midnight may arrive out of order.
    """

    def __init__(self, bits: int) -> None:
        """`bits`: how long a pseudonym is, 16 to 63, so that it fits an SQLite integer."""
        if not 16 <= bits <= 63:  # noqa: PLR2004 - the documented range
            raise ValueError("pseudonyms are 16 to 63 bits long")
        self._shift = 64 - bits
        self._keys: dict[dt.date, bytes] = {}

    def pseudonym(self, day: dt.date, kind: bytes, value: bytes) -> int:
        """The pseudonym of `value` on `day`.

        Args:
            day: store-local day; another day gives an unrelated pseudonym.
            kind: at most 16 bytes that keep kinds apart (address, fingerprint).
            value: what must not be recoverable.

        Raises:
            KeyError: the key of that day is gone; it is never made again.
        """
        digest = hashlib.blake2b(value, digest_size=8, key=self._key(day), person=kind)
        return int.from_bytes(digest.digest(), "big") >> self._shift

    def _key(self, day: dt.date) -> bytes:
        key = self._keys.get(day)
        if key is None:
            if self._keys and day < min(self._keys):
                raise KeyError("the key of that day is gone")
            key = self._keys[day] = secrets.token_bytes(32)
            for old in sorted(self._keys)[:-2]:
                del self._keys[old]
        return key

    def __repr__(self) -> str:
        return "DayKeys(hidden)"
