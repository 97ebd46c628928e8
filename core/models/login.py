"""One phone's way through the portal, kept on the box."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Lookup, Sealed

ACCOUNT = "logins.sealed_account"
KEYS = "logins.sealed_keys"
CODE = "logins.sealed_code"
OFFER = "logins.sealed_offer"


class LoginWay(enum.StrEnum):
    SMS = "sms"
    EMAIL = "email"
    WECHAT = "wechat"
    VOUCHER = "voucher"
    SPONSOR = "sponsor"
    DEVICE = "device"
    """A member's own device, known from an earlier visit."""


class Serves(enum.StrEnum):
    """What a login is for. Only one for the internet is a step on the way online."""

    INTERNET = "internet"
    MY_DATA = "my_data"
    """Proves an account again, so that what is known of its owner may be shown."""
    NEW_NUMBER = "new_number"
    """Proves the number that takes the place of a member's old one."""
    NEW_EMAIL = "new_email"
    """The same for an e-mail address."""


class LoginState(enum.StrEnum):
    BEGUN = "begun"
    """Away at WeChat, or waiting for staff: who it is is not known yet."""
    CODE_SENT = "code_sent"
    VERIFIED = "verified"
    ONLINE = "online"
    LOCKED = "locked"
    """Five wrong codes: this login is over. A new one needs a new code, and the number's
    own limit of failures (`portal.ways.limits`) counts on."""


class Login(Base):
    """Where one device stands in the portal. Kept here because phones lose cookies.

    Written and read by portal; unfinished ones are deleted by the retention job.
    `failures` belongs to the login, not to the code: a resend resets nothing
    (NIST SP 800-63B-4, 3.1.3.2).
    """

    __tablename__ = "logins"
    __table_args__ = (
        # portal asks on every page "where does this device stand?"
        Index("logins_newest_of_device", "device_id", "started_at"),
        # portal asks before each code "how often was this account guessed at lately?"
        Index("logins_of_account", "account_lookup", "started_at"),
    )

    id: Mapped[IntKey]
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"))
    state: Mapped[LoginState] = mapped_column(
        sa.Enum(
            LoginState,
            native_enum=False,
            length=16,
            values_callable=lambda e: [m.value for m in e],
        )
    )
    language: Mapped[str] = mapped_column(sa.String(8))
    """In which the terms were shown and accepted."""
    serves: Mapped[Serves] = mapped_column(
        sa.Enum(
            Serves,
            native_enum=False,
            length=16,
            values_callable=lambda e: [m.value for m in e],
        ),
        default=Serves.INTERNET,
        server_default=Serves.INTERNET,
    )
    way: Mapped[LoginWay] = mapped_column(
        sa.Enum(
            LoginWay,
            native_enum=False,
            length=16,
            values_callable=lambda e: [m.value for m in e],
        )
    )
    account_lookup: Mapped[Lookup | None]
    """Blind index of the account (`core.account`); None until it is known whose login it is."""
    sealed_account: Mapped[Sealed | None]
    sealed_keys: Mapped[Sealed | None]
    """Everything that was proven, by kind, where it is more than the account (WeChat)."""
    sealed_offer: Mapped[Sealed | None]
    """What WeChat's relay has to show for this login (`portal.wechat.desk`), while it is begun."""
    code_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))
    """Keyed hash of the pending code; emptied once used, so that none works twice."""
    sealed_code: Mapped[Sealed | None]
    """The pending code, so that a resend repeats it; emptied together with its hash."""
    code_carrier: Mapped[str | None] = mapped_column(sa.String(16))
    """The carrier that made the code that went out, if ours did not: only it can check."""
    code_made_at: Mapped[dt.datetime | None]
    code_expires_at: Mapped[dt.datetime | None]
    """A resend moves this, but never far from `code_made_at`."""
    failures: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[dt.datetime]
    terms_accepted_at: Mapped[dt.datetime]
    """Of a login for the internet; any other accepts nothing."""
    verified_at: Mapped[dt.datetime | None]
    number_proven_at: Mapped[dt.datetime | None]
    """When the account's number was proven, if it was not by this login: by this one WeChat
    said which member it is, and the member's number was known (`wechat.number_lasts_days`)."""
