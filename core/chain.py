"""Rows chained by hashes, so that one that is changed, gone or moved shows.

Each is hashed together with the hash before it. What is personal in a row has to be salted:
else whoever has the hashes can try phone numbers until one fits.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping

FIRST = bytes(32)
"""What the first row follows."""
_SALT_BYTES = 16


def salt() -> str:
    return secrets.token_hex(_SALT_BYTES)


def link(before: bytes, row: Mapping[str, object]) -> bytes:
    """The hash of a row, of texts, numbers and None, that follows the one with hash `before`."""
    return hashlib.sha256(before + canonical(row).encode()).digest()


def canonical(row: Mapping[str, object]) -> str:
    """The one spelling of a row."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), allow_nan=False)
