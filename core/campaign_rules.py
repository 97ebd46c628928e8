"""What a campaign's link and the form of its codes may be, whoever writes them."""

import re
from urllib.parse import urlsplit

_PATTERN = re.compile(r"[A-Z0-9#-]{6,32}")
# Fewer, and codes could be guessed.
_FEWEST_PLACES = 6


def is_coupon_pattern(text: str) -> bool:
    return bool(_PATTERN.fullmatch(text)) and text.count("#") >= _FEWEST_PLACES


def is_safe_link(link: str) -> bool:
    """Whether it is a plain https address that a browser reads as we do."""
    if not link.isascii() or not link.isprintable() or " " in link or "\\" in link:
        return False
    try:
        parts = urlsplit(link)
        has_place = bool(parts.hostname) and "." in (parts.hostname or "")
        is_plain = parts.username is None and parts.password is None and parts.port != 0
    except ValueError:
        return False
    return parts.scheme == "https" and link.startswith("https://") and has_place and is_plain
