"""Under what somebody is online: what the law's log calls the account."""

import dataclasses
import enum
import json

from core.phone_number import PhoneNumber
from core.sealing import Sealer


class AccountKind(enum.StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    OPENID = "openid"
    """Of WeChat, with the appid that it belongs to: `appid:openid`."""
    VOUCHER = "voucher"
    SPONSOR = "sponsor"
    """A user of the dashboard who has let a guest in."""


class AuthLevel(enum.StrEnum):
    """Whether it is known who somebody is."""

    PHONE = "phone"
    """By a number that was proven, which in China is a real name's."""
    NONE = "none"
    """A mailbox, an openid, a voucher, the word of the staff, a temporary pass: no real name."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Account:
    """One account. `str` and `repr` show nothing; `masked()` is for pages."""

    kind: AccountKind
    value: str

    @classmethod
    def of_phone(cls, phone: PhoneNumber) -> "Account":
        return cls(AccountKind.PHONE, phone.e164())

    def lookup(self, sealer: Sealer) -> bytes:
        return sealer.lookup(self.kind, self.value.encode())

    def sealed(self, sealer: Sealer, place: str) -> bytes:
        return sealer.seal(place, json.dumps([self.kind, self.value]).encode())

    @classmethod
    def opened(cls, sealer: Sealer, place: str, sealed: bytes) -> "Account":
        """What `sealed` gave, or SealBrokenError."""
        kind, value = json.loads(sealer.open(place, sealed))
        return cls(AccountKind(kind), value)

    @property
    def level(self) -> AuthLevel:
        return AuthLevel.PHONE if self.kind is AccountKind.PHONE else AuthLevel.NONE

    @property
    def phone(self) -> PhoneNumber:
        """The number; ValueError if the account is no number."""
        if self.kind is not AccountKind.PHONE:
            raise ValueError("this account is no phone number")
        return PhoneNumber.from_e164(self.value)

    def masked(self) -> str:
        """Enough for its owner to know it: 138****8000, a***@example.com, ****7Q2M."""
        if self.kind is AccountKind.PHONE:
            return self.phone.masked()
        if self.kind is AccountKind.EMAIL:
            name, _, domain = self.value.rpartition("@")
            return f"{name[:1]}***@{domain}"
        return f"****{self.value[-4:]}"

    def __repr__(self) -> str:
        return "Account(hidden)"
