"""Signs and checks HTTP messages by the Standard Webhooks scheme, version 1.

Signed text: `<id>.<timestamp>.<body>`; signature: `v1,` and the base64 of its
HMAC-SHA256. A key is written `whsec_` and base64 (https://www.standardwebhooks.com).
"""

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping

_PREFIX = "whsec_"
_TOLERANCE = dt.timedelta(minutes=5)


class SignatureError(Exception):
    """A message is not from whom it says, is altered, or is too old."""


def read_key(text: str) -> bytes:
    """The key in `whsec_…`; ValueError if it is not of that form."""
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not text.startswith(_PREFIX) or len(key) < 24:  # noqa: PLR2004 - the scheme's least length
        raise ValueError("a signing key is whsec_ and the base64 of 24 to 64 bytes")
    return key


def write_key(key: bytes) -> str:
    return _PREFIX + base64.b64encode(key).decode()


def headers(key: bytes, message_id: str, body: bytes, now: dt.datetime) -> dict[str, str]:
    """The three headers that go with `body`. The id stays the same when it is sent again."""
    timestamp = str(int(now.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": _signature(key, message_id, timestamp, body),
    }


def check(key: bytes, given: Mapping[str, str], body: bytes, now: dt.datetime) -> str:
    """The id of a message that is genuine and at most five minutes old; else SignatureError."""
    try:
        message_id, timestamp = given["webhook-id"], given["webhook-timestamp"]
        signatures = given["webhook-signature"].split()
        age = now - dt.datetime.fromtimestamp(int(timestamp), dt.UTC)
    except (KeyError, ValueError, OverflowError, OSError) as error:
        raise SignatureError("the webhook headers are missing or malformed") from error
    if abs(age) > _TOLERANCE:
        raise SignatureError("the message is older or newer than five minutes")
    expected = _signature(key, message_id, timestamp, body)
    if not any(hmac.compare_digest(expected.encode(), each.encode()) for each in signatures):
        raise SignatureError("the signature does not fit")
    return message_id


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
