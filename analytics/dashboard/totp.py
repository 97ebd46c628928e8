"""Time-based one-time passwords: RFC 6238, with the HOTP of RFC 4226. No database, no clock."""

import base64
import hashlib
import hmac
import secrets
import urllib.parse

# What every authenticator app takes for granted.
STEP_S = 30
DIGITS = 6
# As long as the hash (RFC 4226, section 4).
_SECRET_BYTES = 20
# A phone's clock may be a step off, and a code typed slowly (RFC 6238, section 5.2).
_DRIFT = (0, -1, 1)


def new_secret() -> bytes:
    return secrets.token_bytes(_SECRET_BYTES)


def code(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a time step, which is the Unix time over STEP_S."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}}"


def step_of(secret: bytes, typed: str, timestamp: float) -> int | None:
    """The step near this time that a code as typed belongs to; None: to none."""
    found = "".join(typed.split())
    now = int(timestamp) // STEP_S
    for step in (now + drift for drift in _DRIFT):
        if hmac.compare_digest(code(secret, step).encode(), found.encode()):
            return step
    return None


def printed(secret: bytes) -> str:
    """For who cannot scan: in groups of four."""
    text = _base32(secret)
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def address(secret: bytes, issuer: str, name: str) -> str:
    """What the QR code says to an authenticator app (Key URI format)."""
    label = urllib.parse.quote(f"{issuer}:{name}")
    values = {"secret": _base32(secret), "issuer": issuer}
    return f"otpauth://totp/{label}?{urllib.parse.urlencode(values, quote_via=urllib.parse.quote)}"


def _base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")
