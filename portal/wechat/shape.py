"""What the chain's WeChat relay looks like to the portal."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping
from typing import Protocol

from core.phone_number import PhoneNumber
from core.wechat_relay import Level, Refusal, Stage, Unavailable, Way


class RelayError(Exception):
    """The relay gave no result. What is said of it never repeats who the shopper is."""


class TemporaryRelayError(RelayError):
    """The relay or WeChat is down, slow or busy: the same question may succeed later."""


class PermanentRelayError(RelayError):
    """The relay refuses, and would again, until IT mends what the message names."""


class LoginOverError(RelayError):
    """This login is over: unknown, too old, used, or another device's. Begin a new one."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """A login that has begun, and what to show for each way; None: this way is not open."""

    login_id: str
    """Not secret, but of no use to show by itself."""
    match_code: str
    """Four digits, to be shown beside the button: the mini-program shows the same."""
    expires_at: dt.datetime
    mini_program_scheme: str | None = None
    """weixin://…: the address of a button; the sheets of some phones cannot open it."""
    mini_program_link: str | None = None
    """https://…: opens the mini-program as well, where headquarters has switched it on."""
    follow_qr: str | None = None
    """What the QR code says. Draw it on the box: no picture is fetched from WeChat."""
    oauth_url: str | None = None
    """Redirect there only inside WeChat's own browser (`MicroMessenger` in User-Agent)."""
    website_url: str | None = None
    """For laptops: the address of a button."""
    unavailable: Mapping[Way, Unavailable] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class WechatIdentity:
    """Who somebody is, by WeChat's word. Hides itself when printed."""

    way: Way
    level: Level
    """OPENID is somebody who has WeChat: no real-name identity, and no phone number."""
    app_id: str
    openid: str
    unionid: str | None
    phone: PhoneNumber | None
    """Verified by WeChat; not judged by `store.countries` or by its kind yet."""

    def __repr__(self) -> str:
        return "WechatIdentity(hidden)"


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class WechatWithdrawal:
    """A user has unfollowed: what the store knows by this openid has to go."""

    number: int
    """Name it as done once it is."""
    app_id: str
    openid: str
    withdrawn_at: dt.datetime

    def __repr__(self) -> str:
        return "WechatWithdrawal(hidden)"


class WechatRelay(Protocol):
    """Each may raise TemporaryRelayError or PermanentRelayError."""

    def begin(
        self,
        *,
        reference: str,
        return_url: str,
        language: str,
        ways: Collection[Way],
        now: dt.datetime,
    ) -> Offer:
        """A new login.

        Args:
            reference: what the portal calls the shopper's device, 1 to 64 of A-Z a-z 0-9 _ -.
                The same device must give the same one when it redeems.
            return_url: where shoppers come back to with `?wechat=<token>`: an address of this
                portal, without a fragment.
            language: of what the shopper reads at WeChat.
            ways: which to prepare. FOLLOW costs a call to WeChat; ask for what will be shown.
            now: the present moment.
        """

    def look(self, login_id: str, now: dt.datetime) -> Stage:
        """How far the login is. May also raise LoginOverError."""

    def redeem_token(self, token: str, reference: str, now: dt.datetime) -> WechatIdentity:
        """Who has come back with `token`. Good for one device, which may ask again while the
        login lasts. May also raise LoginOverError, as it does for tokens made up, without
        asking the relay.
        """

    def redeem_login(self, login_id: str, reference: str, now: dt.datetime) -> WechatIdentity:
        """Who proved a phone number in the mini-program: at stage PROVED, for the device that
        began the login. May also raise LoginOverError.
        """

    def withdrawals(self, done: Collection[int], now: dt.datetime) -> list[WechatWithdrawal]:
        """Who has unfollowed, oldest first, at most 100 at a time.

        `done` are the numbers of those that the store has seen to, at most 100: they are
        deleted at headquarters. All others come again.
        """
