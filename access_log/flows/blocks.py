"""One block of the flow log as octets: sealed, numbered, and bound to the block before. Pure.

    header  | "DFL1" | length u32 | number u64 | first i64 | last i64 | rows u32 | lost u32
            | kind u8 | 3 octets of zero | key 4 octets | nonce 12 octets | previous 32 octets |
    body    | ciphertext and tag, `length` octets |

All numbers are little-endian; times are milliseconds of UTC. The body is ChaCha20-Poly1305
(RFC 8439), which authenticates the whole header as well. `previous` is SHA-256 of the whole block
before, in whatever file that is: nothing can be changed, left out or moved without a trace, and
whoever knows one hash knows that all before it is as it was. docs/decisions/0029-flow-records.md
"""

import enum
import hashlib
import secrets
import struct
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

KEY_BYTES = 32
HASH_BYTES = 32
FIRST = bytes(HASH_BYTES)
"""What the very first block is bound to."""
_MAGIC = b"DFL1"
_HEADER = struct.Struct("<4sIQqqIIB3x4s12s32s")
HEADER_BYTES = _HEADER.size
_TAG_BYTES, _NONCE_BYTES, _NAME_BYTES = 16, 12, 4
# Of 100,000 rows that do not compress at all.
_LONGEST = 16 << 20


class Kind(enum.IntEnum):
    FLOWS = 1
    NOTE = 2


class BlockError(Exception):
    """Not a block, or not one that is whole and unchanged."""


class KeyUnknownError(BlockError):
    """The block is sealed with a key that is not in the key file."""


class Header(NamedTuple):
    length: int
    number: int
    """Dense, from 1 on, over all files."""
    first_ms: int
    last_ms: int
    rows: int
    lost: int
    """Events that the kernel had no room for, since the block before."""
    kind: Kind
    key: bytes
    """Which: the beginning of its hash."""
    nonce: bytes
    previous: bytes

    def octets(self) -> bytes:
        return _HEADER.pack(_MAGIC, *self)


class Keys:
    """The keys of the flow log, of which the last one seals."""

    def __init__(self, keys: list[bytes]) -> None:
        self._ciphers = {_name(key): ChaCha20Poly1305(key) for key in keys}
        self._newest = _name(keys[-1])

    def seal(self, header: Header, content: bytes) -> bytes:
        """The whole block. Length, key and nonce of its header are filled in here."""
        header = header._replace(
            length=len(content) + _TAG_BYTES,
            key=self._newest,
            nonce=secrets.token_bytes(_NONCE_BYTES),
        )
        octets = header.octets()
        return octets + self._ciphers[self._newest].encrypt(header.nonce, content, octets)

    def open(self, header: Header, body: bytes) -> bytes:
        """What is sealed in it.

        Raises:
            KeyUnknownError: the key is not here.
            BlockError: it was changed.
        """
        try:
            return self._ciphers[header.key].decrypt(header.nonce, body, header.octets())
        except KeyError as error:
            raise KeyUnknownError(
                f"block {header.number} is sealed with another key: restore the key file"
            ) from error
        except InvalidTag as error:
            raise BlockError(f"block {header.number} was changed") from error

    def __repr__(self) -> str:
        return "Keys(hidden)"


def draft(number: int, previous: bytes, *, kind: Kind, first_ms: int, last_ms: int) -> Header:
    """A header that is yet to be sealed under."""
    return Header(0, number, first_ms, last_ms, 0, 0, kind, b"", b"", previous)


def read_header(octets: bytes) -> Header:
    """The header at the beginning of a block, or BlockError."""
    if len(octets) < HEADER_BYTES:
        raise BlockError("a block is cut off")
    magic, length, *others = _HEADER.unpack_from(octets)
    if magic != _MAGIC or not _TAG_BYTES <= length <= _LONGEST:
        raise BlockError("where a block should begin is none")
    number, first, last, rows, lost, kind, key, nonce, previous = others
    try:
        sort = Kind(kind)
    except ValueError as error:
        raise BlockError(f"block {number} is of no kind that is known") from error
    return Header(length, number, first, last, rows, lost, sort, key, nonce, previous)


def digest(block: bytes) -> bytes:
    """What the next block is bound to."""
    return hashlib.sha256(block).digest()


def _name(key: bytes) -> bytes:
    return hashlib.blake2b(b"flow log", key=key, digest_size=_NAME_BYTES).digest()
