"""Login by text message."""

from pydantic import Field, SecretStr

from core.setting_groups.base import Group


class SmsSettings(Group):
    url: str = ""
    """Where the webhook provider takes messages. Empty: no login by SMS."""
    signing_key: SecretStr = SecretStr("")
    """Key shared with the webhook provider (`whsec_` and base64)."""
    sends_per_number_hour: int = Field(default=5, ge=1, le=100)
    """Codes one number may be sent in an hour."""
    sends_per_number_day: int = Field(default=10, ge=1, le=1000)
    """Codes one number may be sent in 24 hours."""
    sends_per_device_day: int = Field(default=10, ge=1, le=1000)
    """Codes one phone may ask for in 24 hours, to whatever numbers."""
    sends_per_store_day: int = Field(default=2000, ge=1, le=1_000_000)
    """Codes this store pays for in 24 hours; then login by SMS closes until it is less."""
