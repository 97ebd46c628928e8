"""Encryption of personal fields at rest, and the index that finds them again.

A thief of the database alone reads no phone number, address or message: the key
lies in another file (`core.secret_file`) and, by the operator's choice, elsewhere.
"""

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

_NONCE_BYTES = 12
LOOKUP_BYTES = 16


class SealBrokenError(Exception):
    """A sealed field does not open: wrong key, wrong place, or altered."""


class Sealer:
    """Seals and opens fields with one 256-bit key.

    Sealed form: 12-byte random nonce, then ChaCha20-Poly1305 (RFC 8439) ciphertext.
    `place` (such as `identities.sealed`) is authenticated too, so that a value cannot
    be moved from one column to another.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:  # noqa: PLR2004 - the width of the key
            raise ValueError("the field key is 32 bytes")
        self._cipher = ChaCha20Poly1305(key)
        self._lookup_key = hashlib.blake2b(b"lookup", key=key, digest_size=32).digest()

    def seal(self, place: str, value: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """The value, or SealBrokenError."""
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, body, place.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError(f"{place} does not open with this key") from error

    def lookup(self, kind: str, value: bytes) -> bytes:
        """A blind index: the same 16 bytes for the same value, of no use without the key."""
        message = kind.encode() + b"\0" + value
        return hashlib.blake2b(message, key=self._lookup_key, digest_size=LOOKUP_BYTES).digest()

    def __repr__(self) -> str:
        return "Sealer(hidden)"
