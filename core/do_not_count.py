"""Phones whose owners asked not to be counted, in a form by which the sensor knows them.

    address ──keyed BLAKE2b──> entry, 16 octets: in the database, beside when it ends
                               its first three, the mark: in the sensor's list

The list carries its key, for the sensor has to compute the mark of everyone it hears. So
whoever takes the list can try all addresses on it; but a mark of 24 bits fits 46,000 of
the addresses ever sold and four million of those that phones make up, and so names nobody.
The price: of a thousand shoppers and a thousand marks, 0.06 are left out by mistake.

The key is the store's own and good for this alone: no other hash has it, and neither the
key of blind indexes nor another store's follows from it.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from core import whole_file

_NAME = "do-not-count.json"
_KEY_BYTES = 32
_ENTRY_BYTES = 16
_MARK_BYTES = 3


class DoNotCountKey:
    """Makes entries and marks, of bare addresses: the sensor has to do it for every frame."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise ValueError(f"a key is {_KEY_BYTES} bytes")
        self._key = key

    @classmethod
    def of_store(cls, lookup_key: bytes) -> "DoNotCountKey":
        """The key that goes with a store's secrets."""
        derived = hashlib.blake2b(b"do-not-count", key=lookup_key, digest_size=_KEY_BYTES)
        return cls(derived.digest())

    def entry(self, address: bytes) -> bytes:
        return hashlib.blake2b(address, key=self._key, digest_size=_ENTRY_BYTES).digest()

    def mark(self, address: bytes) -> bytes:
        return self.entry(address)[:_MARK_BYTES]

    def hex(self) -> str:
        return self._key.hex()

    def __repr__(self) -> str:
        return "DoNotCountKey(hidden)"


class DoNotCountList:
    """What the sensor has to leave out."""

    def __init__(self, key: DoNotCountKey, entries: Iterable[bytes]) -> None:
        """Takes entries, or marks."""
        self._key = key
        self._marks = frozenset(entry[:_MARK_BYTES] for entry in entries)

    def covers(self, address: bytes) -> bool:
        return bool(self._marks) and self._key.mark(address) in self._marks

    def to_text(self) -> str:
        marks = sorted(mark.hex() for mark in self._marks)
        return json.dumps({"key": self._key.hex(), "marks": marks})

    @classmethod
    def of_text(cls, text: str) -> "DoNotCountList":
        """What `to_text` gave, or ValueError."""
        try:
            document = json.loads(text)
            key = DoNotCountKey(bytes.fromhex(document["key"]))
            return cls(key, [bytes.fromhex(mark) for mark in document["marks"]])
        except (KeyError, TypeError) as error:
            raise ValueError("not a list of ours") from error

    def __len__(self) -> int:
        return len(self._marks)

    def __repr__(self) -> str:
        return "DoNotCountList(hidden)"


def path_of(data_dir: Path) -> Path:
    return data_dir / _NAME


def write(data_dir: Path, listed: DoNotCountList) -> None:
    """Put it in place of the one before, if it differs. OSError if the disk refuses."""
    path, text = path_of(data_dir), listed.to_text()
    if path.exists() and path.read_text() == text:
        return
    # The sensor may be another user, of the same group.
    whole_file.replace(path, text.encode(), mode=0o640)
