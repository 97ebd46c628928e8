"""What a session may last and carry."""

from pydantic import Field

from core.setting_groups.base import Group, HostName


class PlanSettings(Group):
    session_length_s: int = Field(default=14_400, ge=60, le=604_800)
    """How long one login keeps a phone online, in seconds."""
    extensions: int = Field(default=2, ge=0, le=20)
    """How often a session may be made longer by its length, by one tap and without a code."""
    idle_timeout_s: int = Field(default=7200, ge=0, le=604_800)
    """Seconds without a packet after which a session ends. 0: it does not."""
    quota_mb: int = Field(default=0, ge=0, le=1_000_000)
    """Megabytes a day for one phone and one number, both ways together. 0: no limit."""
    down_kbit_s: int = Field(default=0, ge=0, le=10_000_000)
    """Speed towards the phone, kbit/s. 0: no limit."""
    up_kbit_s: int = Field(default=0, ge=0, le=10_000_000)
    """Speed from the phone, kbit/s. 0: no limit."""


class PlansSettings(Group):
    guest: PlanSettings = PlanSettings()
    """Whoever is online without being a member."""
    member: PlanSettings = PlanSettings()
    """Members of the chain."""


class PassSettings(Group):
    per_day: int = Field(default=0, ge=0, le=20)
    """Temporary passes a phone may have in 24 hours, to open WeChat. 0: none is given."""
    seconds: int = Field(default=120, ge=60, le=180)
    """How long one lasts."""
    quota_mb: int = Field(default=20, ge=1, le=1000)
    """Megabytes, both ways together, that one carries."""
    speed_kbit_s: int = Field(default=2000, ge=100, le=100_000)
    """Speed each way, kbit/s."""
    hosts: tuple[HostName, ...] = (
        "weixin.qq.com",
        "wx.qq.com",
        "servicewechat.com",
        "qpic.cn",
        "qlogo.cn",
        "wechat.com",
        "wxaurl.cn",
    )
    """Names, with all below them, that a phone with a pass may reach, beside the relay's."""
