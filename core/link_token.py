"""Tokens that come back to a portal in a link, and that it can tell from made-up ones.

A token is good once, which is for its issuer's database to see to. The signature spares the
portal from asking about every string that somebody types into its address line.
"""

import base64
import datetime as dt
import hashlib
import hmac
import secrets

_EXPIRY_BYTES = 5
_RANDOM_BYTES = 15
_MAC_BYTES = 16
_LENGTH = (_EXPIRY_BYTES + _RANDOM_BYTES + _MAC_BYTES) * 4 // 3


class LinkTokenError(Exception):
    """Not one of our tokens, or too old. The message never repeats it."""


def make(key: bytes, expires_at: dt.datetime) -> str:
    """A new token of 48 characters that need no quoting in an address."""
    expiry = int(expires_at.timestamp()).to_bytes(_EXPIRY_BYTES)
    payload = expiry + secrets.token_bytes(_RANDOM_BYTES)
    return base64.urlsafe_b64encode(payload + _mac(key, payload)).decode()


def check(key: bytes, token: str, now: dt.datetime) -> None:
    """Whether `key` has signed this token and its time is not over; else LinkTokenError."""
    if len(token) != _LENGTH:
        raise LinkTokenError("not a token")
    try:
        octets = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
    except ValueError:
        raise LinkTokenError("not a token") from None
    payload, mac = octets[:-_MAC_BYTES], octets[-_MAC_BYTES:]
    if not hmac.compare_digest(_mac(key, payload), mac):
        raise LinkTokenError("not signed by this key")
    if int.from_bytes(payload[:_EXPIRY_BYTES]) <= now.timestamp():
        raise LinkTokenError("its time is over")


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, b"doorman link token\0" + payload, hashlib.sha256)[:_MAC_BYTES]
