"""Signatures of WeChat's callbacks, and the encryption of its safe mode (安全模式).

Signature: SHA-1, in hexadecimal, of the token, the timestamp, the nonce and (in safe mode)
the ciphertext, sorted and joined. Ciphertext: base64 of AES-256-CBC, its key and first block
from the EncodingAESKey, over

    16 random bytes | length of the message, 4 bytes big-endian | message | app id

padded to 32 bytes (PKCS #7).
"""

import base64
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

_RANDOM_BYTES = 16
_LENGTH_BYTES = 4
_BLOCK_BITS = 256


class EnvelopeError(Exception):
    """A callback is not from WeChat, or altered. It does not say in which way."""


def signature(token: str, *parts: str) -> str:
    joined = "".join(sorted((token, *parts)))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def check_signature(given: str, token: str, *parts: str) -> None:
    if not hmac.compare_digest(signature(token, *parts).encode(), given.encode()):
        raise EnvelopeError("the signature does not fit")


class Envelope:
    """Seals and opens messages of one account with its EncodingAESKey and the one before."""

    def __init__(self, app_id: str, encoding_keys: tuple[str, ...]) -> None:
        """`encoding_keys`: the current one first. ValueError if one is not of 43 characters."""
        self._app_id = app_id.encode()
        self._keys = [_read_key(key) for key in encoding_keys]

    def seal(self, message: bytes) -> str:
        whole = (
            secrets.token_bytes(_RANDOM_BYTES)
            + len(message).to_bytes(_LENGTH_BYTES)
            + message
            + self._app_id
        )
        padder = PKCS7(_BLOCK_BITS).padder()
        encryptor = _cipher(self._keys[0]).encryptor()
        padded = padder.update(whole) + padder.finalize()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def open(self, sealed: str) -> bytes:
        """The message; EnvelopeError if no key opens it or it is for another account.

        Check the signature first: it is what keeps strangers from trying their luck here.
        """
        for key in self._keys:
            message = self._opened(key, sealed)
            if message is not None:
                return message
        raise EnvelopeError("the message does not open")

    def _opened(self, key: bytes, sealed: str) -> bytes | None:
        try:
            decryptor = _cipher(key).decryptor()
            padded = decryptor.update(base64.b64decode(sealed, validate=True))
            unpadder = PKCS7(_BLOCK_BITS).unpadder()
            whole = unpadder.update(padded + decryptor.finalize()) + unpadder.finalize()
        except ValueError:
            return None
        start = _RANDOM_BYTES + _LENGTH_BYTES
        end = start + int.from_bytes(whole[_RANDOM_BYTES:start])
        return whole[start:end] if whole[end:] == self._app_id else None

    def __repr__(self) -> str:
        return "Envelope(hidden)"


def _cipher(key: bytes) -> Cipher[CBC]:
    # WeChat's form: a fixed first block. The 16 random bytes before the message make up for it.
    return Cipher(AES256(key), CBC(key[:16]))


def _read_key(text: str) -> bytes:
    try:
        # Not `validate`: the last character carries two bits too many, which some keys set.
        key = base64.b64decode(text + "=")
    except ValueError:
        key = b""
    if len(key) != 32:  # noqa: PLR2004 - the width of the key
        raise ValueError("an EncodingAESKey has 43 characters of base64")
    return key
