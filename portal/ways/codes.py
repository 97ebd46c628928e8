"""One-time codes: six digits that prove a number."""

import hashlib
import hmac
import secrets

LENGTH = 6


def make() -> str:
    """A code, every one as likely as any other, from the system's randomness."""
    return f"{secrets.randbelow(10**LENGTH):0{LENGTH}d}"


def digest(key: bytes, login_id: int, code: str) -> bytes:
    """What is stored of a code: without `key` it cannot be tried out, nor used elsewhere."""
    message = login_id.to_bytes(8, "big") + code.encode()
    return hashlib.blake2b(message, key=key, digest_size=32, person=b"doorman code").digest()


def fits(key: bytes, login_id: int, code: str, stored: bytes) -> bool:
    return hmac.compare_digest(digest(key, login_id, code), stored)
