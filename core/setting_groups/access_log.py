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
