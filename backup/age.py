"""Encrypts files for a public key, and opens them with the private one: age, version 1.

    age-encryption.org/v1
    -> X25519 <the sender's share>
    <the file's key, sealed with what both shares make>
    --- <MAC of all this>
    16 octets | piece | piece | ... | last piece

A piece is 64 KiB, sealed with its number and whether it is the last. So whoever reads to the end
knows that nothing was changed, left out, moved or cut off. https://age-encryption.org/v1
"""

import base64
import binascii
import hashlib
import hmac
import itertools
import secrets
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backup.keys import PrivateKey, PublicKey

_VERSION = b"age-encryption.org/v1"
_STANZA = b"-> X25519 "
_INFO = b"age-encryption.org/v1/X25519"
_FILE_KEY_BYTES, _KEY_BYTES, _NONCE_BYTES, _TAG_BYTES = 16, 32, 16, 16
_PIECE = 64 * 1024
_LONGEST_LINE = 200
_MOST_LINES = 40
_NO_NONCE = bytes(12)


class AgeError(Exception):
    """The file is not whole, or not for this key."""


class Sealing:
    """Writes what it is given to `target`, sealed. Not whole before `close()`."""

    def __init__(self, target: BinaryIO, key: PublicKey) -> None:
        file_key = secrets.token_bytes(_FILE_KEY_BYTES)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        self._digest = hashlib.sha256()
        self._target = target
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._number = 0
        self._rest = bytearray()
        self._put(_header(file_key, key) + nonce)

    def write(self, content: bytes) -> int:
        self._rest += content
        # The last piece is known as such only at the end, and is never empty.
        while len(self._rest) > _PIECE:
            self._seal(bytes(self._rest[:_PIECE]), is_last=False)
            del self._rest[:_PIECE]
        return len(content)

    def flush(self) -> None:
        """Of no effect: a piece is written when it is full."""

    def close(self) -> str:
        """Write the end; the SHA-256 of the sealed file."""
        self._seal(bytes(self._rest), is_last=True)
        return self._digest.hexdigest()

    def _seal(self, content: bytes, *, is_last: bool) -> None:
        self._put(self._cipher.encrypt(_nonce(self._number, is_last=is_last), content, None))
        self._number += 1

    def _put(self, sealed: bytes) -> None:
        self._digest.update(sealed)
        self._target.write(sealed)


class Opening:
    """Reads what was sealed into `source`. AgeError if it is not for this key, or not whole."""

    def __init__(self, source: BinaryIO, key: PrivateKey) -> None:
        self._source = source
        file_key = _file_key(source, key)
        nonce = source.read(_NONCE_BYTES)
        if len(nonce) != _NONCE_BYTES:
            raise AgeError("the file is cut off")
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._number = 0
        self._rest = b""
        self._sealed = source.read(_PIECE + _TAG_BYTES)
        self._is_over = False

    def read(self, size: int = -1) -> bytes:
        while not self._is_over and (size < 0 or len(self._rest) < size):
            self._rest += self._next()
        end = len(self._rest) if size < 0 else size
        content, self._rest = self._rest[:end], self._rest[end:]
        return content

    def finish(self) -> None:
        """Read on to the end, which proves that all was there."""
        while not self._is_over:
            self._next()

    def _next(self) -> bytes:
        following = self._source.read(_PIECE + _TAG_BYTES)
        nonce = _nonce(self._number, is_last=not following)
        try:
            content = self._cipher.decrypt(nonce, self._sealed, None)
        except InvalidTag as error:
            raise AgeError("the file was changed or is cut off") from error
        if not content and self._number:
            raise AgeError("the file ends with an empty piece")
        self._sealed, self._number, self._is_over = following, self._number + 1, not following
        return content


def _header(file_key: bytes, key: PublicKey) -> bytes:
    own = X25519PrivateKey.generate()
    share = own.public_key().public_bytes_raw()
    shared = own.exchange(X25519PublicKey.from_public_bytes(key.octets))
    wrapping = _derived(shared, share + key.octets, _INFO)
    sealed = ChaCha20Poly1305(wrapping).encrypt(_NO_NONCE, file_key, None)
    lines = [_VERSION, _STANZA + _encoded(share), _encoded(sealed), b"---"]
    head = b"\n".join(lines)
    return head + b" " + _encoded(_mac(file_key, head)) + b"\n"


def _file_key(source: BinaryIO, key: PrivateKey) -> bytes:
    lines: list[bytes] = []
    while not lines or not lines[-1].startswith(b"--- "):
        line = source.readline(_LONGEST_LINE)
        if not line.endswith(b"\n") or len(lines) > _MOST_LINES:
            raise AgeError("this is no file of age's")
        lines.append(line[:-1])
    if lines[0] != _VERSION:
        raise AgeError("this is no file of age's, version 1")
    for line, following in itertools.pairwise(lines):
        if line.startswith(_STANZA):
            share = _decoded(line.removeprefix(_STANZA))
            file_key = _unwrapped(share, _decoded(following), key)
            if file_key is not None:
                break
    else:
        raise AgeError("the file is encrypted for another key")
    head = b"\n".join([*lines[:-1], b"---"])
    if not hmac.compare_digest(_mac(file_key, head), _decoded(lines[-1][4:])):
        raise AgeError("the file's head was changed")
    return file_key


def _unwrapped(share: bytes, sealed: bytes, key: PrivateKey) -> bytes | None:
    """None: it is for somebody else."""
    own = X25519PrivateKey.from_private_bytes(key.octets)
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(share))
        salt = share + own.public_key().public_bytes_raw()
        return ChaCha20Poly1305(_derived(shared, salt, _INFO)).decrypt(_NO_NONCE, sealed, None)
    except (InvalidTag, ValueError):
        return None


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), _KEY_BYTES, salt, info).derive(secret)


def _mac(file_key: bytes, head: bytes) -> bytes:
    return hmac.digest(_derived(file_key, b"", b"header"), head, "sha256")


def _encoded(octets: bytes) -> bytes:
    return base64.b64encode(octets).rstrip(b"=")


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise AgeError("the file's head was changed") from error
