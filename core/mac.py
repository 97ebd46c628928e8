"""A hardware address that hides when printed, so that no log can hold it."""

import dataclasses
import re

_TEXT = re.compile(r"[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}", re.IGNORECASE)


class InvalidMacError(ValueError):
    """The text or bytes are no 48-bit address. The message never repeats them."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Mac:
    """One 48-bit MAC address (IEEE 802). `str` and `repr` show nothing of it.

    Call `text()` where the address itself is needed. That word is easy to search
    for, and a reviewer should ask about each new place it turns up.
    """

    octets: bytes

    def __post_init__(self) -> None:
        if len(self.octets) != 6:  # noqa: PLR2004 - the width of a MAC address
            raise InvalidMacError("a MAC address has six octets")

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
