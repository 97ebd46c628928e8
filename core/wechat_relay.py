"""What a store's portal and headquarters call things when they speak of WeChat logins.

The questions are put as all are (`core.headquarters`). docs/wechat.md shows them.
"""

import enum

TOKEN_PARAMETER = "wechat"  # noqa: S105 - the name of a parameter
"""Of the address at the portal to which a shopper comes back with a token."""

BEGIN = "/v1/wechat/begin"
LOOK = "/v1/wechat/look"
REDEEM = "/v1/wechat/redeem"
WITHDRAWALS = "/v1/wechat/withdrawals"


class Way(enum.StrEnum):
    MINI_PROGRAM = "mini_program"
    """A mini-program hands over the phone number that WeChat has verified."""
    FOLLOW = "follow"
    """The shopper follows the official account; its reply holds a link."""
    OAUTH = "oauth"
    """Inside WeChat's own browser, without a question."""
    WEBSITE = "website"
    """A laptop shows WeChat's QR code."""


class Stage(enum.StrEnum):
    WAITING = "waiting"
    FOLLOWED = "followed"
    """The account has answered: the shopper's next step is the link in WeChat."""
    PROVED = "proved"
    """The mini-program has the phone number: the login can be redeemed by its id."""
    REDEEMED = "redeemed"


class Level(enum.StrEnum):
    PHONE = "phone"
    """A number that WeChat has verified: as good as a code by SMS."""
    OPENID = "openid"
    """Somebody who has WeChat. No real-name identity."""


class Refusal(enum.StrEnum):
    """Why a question came to nothing, in the `error` of an answer that is not 200."""

    SIGNATURE = "signature"
    REPLAY = "replay"
    MALFORMED = "malformed"
    FOREIGN_ADDRESS = "foreign_address"
    """`return_url` is none of the store's registered portal addresses."""
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"
    OTHER_DEVICE = "other_device"
    """Brought back by another device than the one the login was begun for."""
    BUSY = "busy"
    """WeChat is down, slow or at a limit."""
    FAILED = "failed"


class Unavailable(enum.StrEnum):
    """Why a way that was asked for is not on offer."""

    NOT_SET = "not_set"
    """Headquarters has not set it up."""
    BUSY = "busy"
    FAULTY = "faulty"
    """WeChat refuses for good: headquarters' log says what to mend."""
