"""What WeChat's error numbers mean for us: try later, tell the shopper, or call IT.

The numbers are those of https://developers.weixin.qq.com/doc/oplatform/Return_codes/
"""

import enum


class WechatError(Exception):
    """WeChat gave no result. `number` is its error number, 0 if it gave none.

    The message is ours: WeChat's own words may repeat a code or an address.
    """

    def __init__(self, message: str, number: int = 0) -> None:
        super().__init__(f"{message} ({number})" if number else message)
        self.number = number


class TemporaryWechatError(WechatError):
    """Down, slow or at a limit: the same call may succeed later."""


class RefusedCodeError(WechatError):
    """What came from the shopper's phone is used up, too old or blocked: start again."""


class StaleTokenError(WechatError):
    """The access token is not the newest one, or its time is over."""


class PermanentWechatError(WechatError):
    """WeChat refuses, and would again, until somebody mends what `mend` says."""

    def __init__(self, message: str, number: int = 0, mend: str = "") -> None:
        super().__init__(message, number)
        self.mend = mend


class _Sort(enum.Enum):
    LATER = enum.auto()
    CODE = enum.auto()
    TOKEN = enum.auto()


_SORTS = {
    -1: (_Sort.LATER, "WeChat is busy"),
    45009: (_Sort.LATER, "today's quota of this call is used up"),
    45011: (_Sort.LATER, "too many calls in one minute"),
    44990: (_Sort.LATER, "too many links in one second"),
    44993: (_Sort.LATER, "today's quota of links is used up"),
    40029: (_Sort.CODE, "the code is not valid"),
    40163: (_Sort.CODE, "the code has been used"),
    42003: (_Sort.CODE, "the code is too old"),
    41008: (_Sort.CODE, "there is no code"),
    40226: (_Sort.CODE, "WeChat blocks this user's code"),
    40001: (_Sort.TOKEN, "the access token is not the newest"),
    40014: (_Sort.TOKEN, "the access token is not valid"),
    42001: (_Sort.TOKEN, "the access token is too old"),
}

MENDS = {
    40002: "this account may not make links: it must be a verified one, and no person's",
    40001: "another program fetches tokens for this AppID without stable_token: stop it",
    40013: "app_id is not the AppID that WeChat shows for this account",
    40125: "secret is not the AppSecret that WeChat shows for this account",
    40164: "add this server's address to the IP whitelist (IP白名单) of the account",
    45103: "WeChat has withdrawn this call: install a newer Doorman",
    47001: "WeChat does not read what we send: install a newer Doorman",
    48001: "the account lacks this permission: it must be verified (认证), and of the right kind",
    40165: "mini_program.path is not a page of the published mini-program",
}


def of_number(number: int) -> WechatError:
    """The error to raise for an `errcode` that is not 0."""
    sort, meaning = _SORTS.get(number, (None, "WeChat refuses"))
    match sort:
        case _Sort.LATER:
            return TemporaryWechatError(meaning, number)
        case _Sort.CODE:
            return RefusedCodeError(meaning, number)
        case _Sort.TOKEN:
            return StaleTokenError(meaning, number)
        case None:
            mend = MENDS.get(number, "look the number up in WeChat's list of return codes")
            return PermanentWechatError(meaning, number, mend)
