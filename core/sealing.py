"""Encryption of personal fields at rest, and the index that finds them again.

A thief of the database alone reads no phone number, address or message: the keys
lie in another file (`core.secret_file`) and, by the operator's choice, elsewhere.
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

KEY_BYTES = 32
LOOKUP_BYTES = 16
_NONCE_BYTES = 12


class SealBrokenError(Exception):
    """A sealed field does not open: wrong key, wrong place, or altered."""


class KeyMissingError(SealBrokenError):
    """The field is sealed with a key that is not at hand; or altered to look so."""

    def __init__(self, place: str, number: int) -> None:
        super().__init__(
            f"{place} is sealed with key {number}, which is not in the secrets file:"
            " restore that file from its backup"
        )


class KeySourceError(Exception):
    """The keys are not to be had."""


class FieldKeys:
    """The field keys by their numbers, of which the highest seals; the key of blind indexes.

    A number is one octet, from 1 on.
    """

    def __init__(self, keys: Mapping[int, bytes], lookup_key: bytes) -> None:
        if {len(key) for key in (*keys.values(), lookup_key)} != {KEY_BYTES}:
            raise ValueError(f"a field key is {KEY_BYTES} bytes")
        self.ciphers = {number: ChaCha20Poly1305(key) for number, key in keys.items()}
        self.newest = max(self.ciphers)
        self.lookup_key = lookup_key

    @classmethod
    def of_one(cls, key: bytes) -> "FieldKeys":
        return cls({1: key}, derived_lookup_key(key))

    def current(self) -> "FieldKeys":
        return self

    def __repr__(self) -> str:
        return "FieldKeys(hidden)"


class KeySource(Protocol):
    """Where keys come from: fixed ones, or a file that a rotation may replace at any time."""

    def current(self) -> FieldKeys:
        """The keys as they are now, or KeySourceError. Asked for with every field sealed."""


def derived_lookup_key(key: bytes) -> bytes:
    """The key of blind indexes where there is none of its own: docs/decisions/0012."""
    return hashlib.blake2b(b"lookup", key=key, digest_size=KEY_BYTES).digest()


class Sealer:
    """Seals fields with the newest key, and opens them with whichever they were sealed with.

    Sealed form: the key's number (one octet), 12-byte random nonce, then ChaCha20-Poly1305
    (RFC 8439) ciphertext. `place` (such as `identities.sealed_value`) is authenticated too,
    so that a value cannot be moved from one column to another.
    """

    def __init__(self, keys: bytes | KeySource) -> None:
        """Takes one key alone, or where several come from."""
        self._source = FieldKeys.of_one(keys) if isinstance(keys, bytes) else keys
        self._keys = self._source.current()

    def seal(self, place: str, value: bytes) -> bytes:
        # Else a program that runs through a rotation would go on with the old key.
        self._keys = keys = self._source.current()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = keys.ciphers[keys.newest].encrypt(nonce, value, place.encode())
        return bytes([keys.newest]) + nonce + sealed

    def open(self, place: str, sealed: bytes) -> bytes:
        """The value, or SealBrokenError."""
        if not sealed:
            raise SealBrokenError(f"{place} is empty")
        cipher = self._cipher(place, sealed[0])
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, place.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError(f"{place} does not open with key {sealed[0]}") from error

    def lookup(self, kind: str, value: bytes) -> bytes:
        """A blind index: the same 16 bytes for the same value, of no use without the key."""
        message = kind.encode() + b"\0" + value
        key = self._keys.lookup_key
        return hashlib.blake2b(message, key=key, digest_size=LOOKUP_BYTES).digest()

    def newest_key(self) -> int:
        """The number of the key that seals now."""
        return self._source.current().newest

    def _cipher(self, place: str, number: int) -> ChaCha20Poly1305:
        try:
            if number not in self._keys.ciphers:
                self._keys = self._source.current()
            return self._keys.ciphers[number]
        except (KeySourceError, KeyError) as error:
            raise KeyMissingError(place, number) from error

    def __repr__(self) -> str:
        return "Sealer(hidden)"
