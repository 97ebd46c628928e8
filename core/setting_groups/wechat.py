"""Login by WeChat, as a store offers it."""

from pydantic import Field

from core.setting_groups.base import Group
from core.wechat_relay import Way


class WechatSettings(Group):
    ways: tuple[Way, ...] = ()
    """Ways that shoppers are offered, of those that headquarters has set up: `mini_program`,
    `follow`, `oauth`, `website`. Empty: no login by WeChat."""
    openid_suffices: bool = False
    """Whether a WeChat account without a phone number goes online. Not in mainland China: the
    law there asks for a number."""
    number_lasts_days: int = Field(default=180, ge=0, le=3650)
    """For how many days a member's WeChat account stands for the number that was last proven
    together with it, so that the number is not asked for again. 0: it is, at each login."""
