"""Hashes passwords with argon2id, and knows the scrypt hashes of earlier versions."""

import functools
import secrets

import argon2
from werkzeug.security import check_password_hash

# OWASP's choice for machines that do other work meanwhile: 19 MiB and two passes a try.
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_OURS = "$argon2"
# Hashing takes longer the longer the text is; nobody types more.
LONGEST = 200


def hashed(password: str) -> str:
    return _HASHER.hash(password)


def matches(known: str | None, password: str) -> bool:
    """Whether it is the password behind a hash. Takes as long where there is none."""
    if len(password) > LONGEST:
        return False
    if known is not None and not known.startswith(_OURS):
        return check_password_hash(known, password)
    try:
        return _HASHER.verify(known or _nobody(), password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def is_dated(known: str) -> bool:
    """Whether to hash the password anew, now that it is at hand."""
    return not known.startswith(_OURS) or _HASHER.check_needs_rehash(known)


@functools.cache
def _nobody() -> str:
    return hashed(secrets.token_hex())
