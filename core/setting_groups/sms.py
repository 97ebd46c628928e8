"""Login by text message: who carries the codes, and how many."""

import enum
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from core.setting_groups.base import Group, Url

Countries = tuple[str, ...]


class Carrier(enum.StrEnum):
    WEBHOOK = "webhook"
    ALIYUN = "aliyun"
    TENCENT = "tencent"
    TWILIO = "twilio"
    GAMMU = "gammu"
    HEADQUARTERS = "headquarters"


class WebhookSettings(Group):
    url: str = ""
    """Where messages are posted, signed."""
    signing_key: SecretStr = SecretStr("")
    """Key shared with whoever takes them (`whsec_` and base64)."""
    countries: Countries = ()
    """ISO 3166 codes of the numbers it is for. Empty: all."""


class AliyunSettings(Group):
    access_key_id: str = ""
    """Of a RAM user that may send text messages and nothing else."""
    access_key_secret: SecretStr = SecretStr("")
    """Its secret."""
    sign_name: str = ""
    """短信签名, as approved, without its brackets."""
    template_code: str = ""
    """Approved template, such as `SMS_123456789`, with one variable: `${code}`."""
    url: Url = "https://dysmsapi.aliyuncs.com"
    """Where the API is."""
    countries: Countries = ("CN",)
    """ISO 3166 codes of the numbers it is for. Empty: all."""


class TencentSettings(Group):
    secret_id: str = ""
    """Of a sub-user that may send text messages and nothing else."""
    secret_key: SecretStr = SecretStr("")
    """Its secret."""
    app_id: str = ""
    """SdkAppId of the SMS application, such as `1400006666`."""
    sign_name: str = ""
    """短信签名, as approved, without its brackets."""
    template_id: str = ""
    """Approved template, such as `449739`."""
    template_values: tuple[Literal["code", "minutes"], ...] = ("code",)
    """What the template's {1}, {2} stand for."""
    region: str = "ap-guangzhou"
    """Region of the account."""
    url: Url = "https://sms.tencentcloudapi.com"
    """Where the API is."""
    countries: Countries = ("CN",)
    """ISO 3166 codes of the numbers it is for. Empty: all."""


class TwilioSettings(Group):
    account_sid: str = ""
    """`AC…`."""
    auth_token: SecretStr = SecretStr("")
    """Of the account, or of an API key."""
    service_sid: str = ""
    """`VA…`: a Verify service, which makes and checks the codes itself."""
    url: Url = "https://verify.twilio.com"
    """Where the API is."""
    countries: Countries = ()
    """ISO 3166 codes of the numbers it is for. Empty: all."""


class GammuSettings(Group):
    outbox: str = ""
    """Folder from which gammu-smsd sends (`outboxpath`), writable by the portal."""
    errors: str = ""
    """Folder where it puts what it could not send (`errorsmspath`)."""
    countries: Countries = ()
    """ISO 3166 codes of the numbers it is for. Empty: all."""


class HeadquartersSmsSettings(Group):
    countries: Countries = ()
    """ISO 3166 codes of the numbers it is for. Empty: all."""


# What each carrier cannot do without.
_NEEDED = {
    Carrier.WEBHOOK: ("url", "signing_key"),
    Carrier.ALIYUN: ("access_key_id", "access_key_secret", "sign_name", "template_code"),
    Carrier.TENCENT: ("secret_id", "secret_key", "app_id", "sign_name", "template_id"),
    Carrier.TWILIO: ("account_sid", "auth_token", "service_sid"),
    Carrier.GAMMU: ("outbox", "errors"),
    # `headquarters.url`: `core.settings` sees to it.
    Carrier.HEADQUARTERS: (),
}


class SmsSettings(Group):
    carriers: tuple[Carrier, ...] = ()
    """Who carries codes, first choice first: `webhook`, `aliyun`, `tencent`, `twilio`, `gammu`,
    `headquarters`."""
    sends_per_number_hour: int = Field(default=5, ge=1, le=100)
    """Codes one number may be sent in an hour."""
    sends_per_number_day: int = Field(default=10, ge=1, le=1000)
    """Codes one number may be sent in 24 hours."""
    sends_per_device_day: int = Field(default=10, ge=1, le=1000)
    """Codes one phone may ask for in 24 hours, to whatever numbers."""
    numbers_per_device_day: int = Field(default=3, ge=1, le=1000)
    """Different numbers one phone may ask codes for in 24 hours."""
    sends_per_store_day: int = Field(default=2000, ge=1, le=1_000_000)
    """Codes this store pays for in 24 hours; then login by SMS closes until it is less."""
    alarm_below_percent: int = Field(default=30, ge=0, le=100)
    """IT is alarmed when fewer of the last hour's codes are used: somebody may be pumping SMS."""
    webhook: WebhookSettings = WebhookSettings()
    aliyun: AliyunSettings = AliyunSettings()
    tencent: TencentSettings = TencentSettings()
    twilio: TwilioSettings = TwilioSettings()
    gammu: GammuSettings = GammuSettings()
    headquarters: HeadquartersSmsSettings = HeadquartersSmsSettings()

    @model_validator(mode="after")
    def _carriers_are_set_up(self) -> Self:
        for carrier in self.carriers:
            group = getattr(self, carrier)
            missing = [name for name in _NEEDED[carrier] if not _text(getattr(group, name))]
            if missing:
                raise ValueError(f"sms.{carrier} also needs {', '.join(missing)}")
        if len(set(self.carriers)) < len(self.carriers):
            raise ValueError("a carrier stands in sms.carriers once")
        return self


def _text(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
