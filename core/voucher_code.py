"""What is printed on a voucher: eight characters that are hard to misread (Crockford's base 32)."""

import re
import secrets
import unicodedata

# No I, L, O or U. Who types one of the first three means what it looks like.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKES = str.maketrans("OIL", "011")
_LENGTH = 8
_LONGEST_TYPED = 32
_CODE = re.compile(f"[{_ALPHABET}]{{{_LENGTH}}}")


def make() -> str:
    """A code of 40 bits from the system's randomness."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def read(typed: str) -> str | None:
    """The code that somebody means; None if it can be none."""
    plain = unicodedata.normalize("NFKC", typed[:_LONGEST_TYPED]).upper()
    code = re.sub(r"[\W_]", "", plain).translate(_LOOK_ALIKES)
    return code if _CODE.fullmatch(code) else None


def printed(code: str) -> str:
    """In two groups, as one reads it aloud."""
    half = _LENGTH // 2
    return f"{code[:half]}-{code[half:]}"
