"""The pair of keys of backups, as texts that age knows: `age1...` and `AGE-SECRET-KEY-1...`.

The texts are Bech32 (BIP 173), whose last six letters find every mistyped one.
"""

import dataclasses

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_PUBLIC, _PRIVATE = "age", "age-secret-key-"
_CHECK_LETTERS = 6
_KEY_BYTES = 32


class BackupKeyError(Exception):
    """The text is no such key, or was mistyped. The message does not repeat it."""


@dataclasses.dataclass(frozen=True, slots=True)
class PublicKey:
    octets: bytes

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        return cls(_decoded(_PUBLIC, text.strip()))

    def text(self) -> str:
        return _encoded(_PUBLIC, self.octets)


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """Opens every backup of the box. Printing it shows nothing."""

    octets: bytes

    @classmethod
    def new(cls) -> "PrivateKey":
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "PrivateKey":
        """Of a text with that key in it, such as age's own files; other lines are comments."""
        lines = [line.strip() for line in text.splitlines()]
        keys = [line for line in lines if line and not line.startswith("#")]
        if len(keys) != 1:
            raise BackupKeyError("there must be one private key, AGE-SECRET-KEY-1...")
        return cls(_decoded(_PRIVATE, keys[0]))

    def text(self) -> str:
        return _encoded(_PRIVATE, self.octets).upper()

    def public(self) -> PublicKey:
        own = X25519PrivateKey.from_private_bytes(self.octets)
        return PublicKey(own.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return "PrivateKey(hidden)"


def _encoded(prefix: str, octets: bytes) -> str:
    values = _regrouped(octets, 8, 5)
    wanted = _checksum([*_expanded(prefix), *values, *[0] * _CHECK_LETTERS]) ^ 1
    check = [(wanted >> 5 * (5 - place)) & 31 for place in range(_CHECK_LETTERS)]
    return prefix + "1" + "".join(_LETTERS[value] for value in [*values, *check])


def _decoded(prefix: str, text: str) -> bytes:
    body = text.lower().removeprefix(prefix + "1")
    # Bech32 is in small letters or in capitals, never in both.
    is_mixed = text not in (text.lower(), text.upper())
    if is_mixed or len(text) - len(body) != len(prefix) + 1 or set(body) - set(_LETTERS):
        raise BackupKeyError(f"a key begins with {prefix}1 and has letters and digits alone")
    values = [_LETTERS.index(letter) for letter in body]
    if _checksum([*_expanded(prefix), *values]) != 1:
        raise BackupKeyError("the key was mistyped: its check does not fit")
    octets = bytes(_regrouped(bytes(values[:-_CHECK_LETTERS]), 5, 8))[:_KEY_BYTES]
    if len(octets) != _KEY_BYTES:
        raise BackupKeyError("a key has 32 octets")
    return octets


def _regrouped(values: bytes, width: int, wanted: int) -> list[int]:
    """The same bits in groups of another width; of a rest, zeros follow."""
    bits = "".join(f"{value:0{width}b}" for value in values)
    bits += "0" * (-len(bits) % wanted)
    return [int(bits[at : at + wanted], 2) for at in range(0, len(bits), wanted)]


def _expanded(prefix: str) -> list[int]:
    return [*(ord(each) >> 5 for each in prefix), 0, *(ord(each) & 31 for each in prefix)]


def _checksum(values: list[int]) -> int:
    sum_ = 1
    for value in values:
        top = sum_ >> 25
        sum_ = (sum_ & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(_GENERATOR):
            if top >> bit & 1:
                sum_ ^= term
    return sum_
