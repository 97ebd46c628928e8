"""The log of who was online when, which the law asks for."""

from pydantic import Field

from core.setting_groups.base import Group


class AccessLogSettings(Group):
    venue_code: str = Field(default="", pattern=r"^[0-9A-Za-z-]{0,32}$")
    """Number that the authorities gave this venue; in China 14 digits. In each export."""
    gateway_id: str = Field(default="", pattern=r"^[0-9A-Za-z-]{0,32}$")
    """Number of this gateway with the authorities; in China 21 digits. In each export."""
    network: str = Field(default="", max_length=32)
    """Name of the shoppers' Wi-Fi (SSID). In each export."""
    days: int = Field(default=190, ge=1, le=400)
    """Days that a day's rows are kept after it. China's law asks for six months: 183 or more."""
    four_eyes: bool = False
    """Whether an export is given out only after another user with the right to has agreed to it,
    in the dashboard: never whoever asked.
    """
    request_hours: int = Field(default=24, ge=1, le=168)
    """Hours in which an export that was asked for is agreed to and given out; then it has to be
    asked for anew.
    """
