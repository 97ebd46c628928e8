"""A hardware address that hides when printed, so that no log can hold it."""

import re
from typing import Final

_TEXT = re.compile(r"[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}", re.IGNORECASE)


class InvalidMacError(ValueError):
    """The text or bytes are no 48-bit address. The message never repeats them."""


class Mac:
    """One 48-bit MAC address (IEEE 802). `str` and `repr` show nothing of it.

    Call `text()` where the address itself is needed. That word is easy to search
    for, and a reviewer should ask about each new place it turns up.
    """

    __slots__ = ("octets",)

    def __init__(self, octets: bytes) -> None:
        if len(octets) != 6:  # noqa: PLR2004 - the width of a MAC address
            raise InvalidMacError("a MAC address has six octets")
        self.octets: Final = octets

    def __eq__(self, other: object) -> bool:
        return self.octets == other.octets if isinstance(other, Mac) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.octets)

    @classmethod
    def parse(cls, text: str) -> "Mac":
        """Read `aa:bb:cc:dd:ee:ff` or `aa-bb-…`, either case; else InvalidMacError."""
        if not _TEXT.fullmatch(text):
            raise InvalidMacError("not a MAC address of the form aa:bb:cc:dd:ee:ff")
        return cls(bytes.fromhex(text.replace(text[2], "")))

    @property
    def is_randomised(self) -> bool:
        """Whether the locally-administered bit is set, as phones do in made-up addresses."""
        return bool(self.octets[0] & 0x02)

    def text(self) -> str:
        return self.octets.hex(":")

    def masked(self) -> str:
        """The last two octets, for pages and terminals, such as **:c4:1f."""
        return f"**:{self.octets[-2:].hex(':')}"

    def __repr__(self) -> str:
        return "Mac(hidden)"
