"""An e-mail address that hides when printed."""

import dataclasses
import re
import unicodedata

# RFC 5321, 4.5.3.1, and what RFC 5322 calls a dot-atom: no quotes, no comments. Whose name
# before the @ has other letters than ASCII's has another way in.
_LONGEST = 254
_LONGEST_NAME = 64
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_NAME = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+(?!\d+$){_LABEL}")


class InvalidEmailAddressError(ValueError):
    """The text is no address that mail can be sent to. The message never repeats it."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class EmailAddress:
    """One mailbox. `str` and `repr` show nothing."""

    _text: str

    @classmethod
    def parse(cls, typed: str) -> "EmailAddress":
        """Read an address as a person types it, or raise InvalidEmailAddressError.

        Two spellings of one mailbox give one address: case does not matter, and a domain
        of other letters is written as the name system does. (RFC 5321 allows a mailbox to
        tell `A` from `a`; none that shoppers have does.)
        """
        text = unicodedata.normalize("NFKC", typed[: _LONGEST + 2]).strip().lower()
        name, at, domain = text.rpartition("@")
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise InvalidEmailAddressError("no such domain") from error
        if not at or not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
            raise InvalidEmailAddressError("not an e-mail address")
        if not _DOMAIN.fullmatch(domain) or len(name) + len(domain) + 1 > _LONGEST:
            raise InvalidEmailAddressError("no such domain")
        return cls(f"{name}@{domain}")

    def text(self) -> str:
        """The address itself, as mail is sent to it."""
        return self._text

    def __repr__(self) -> str:
        return "EmailAddress(hidden)"
