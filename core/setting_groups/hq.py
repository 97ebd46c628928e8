"""Headquarters' side: the accounts at WeChat, and the relay that holds them."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from core.setting_groups.base import Group, Port, Url
from core.setting_groups.fleet import FleetSettings
from core.setting_groups.hq_pages import PagesSettings

_AppId = r"^(wx[0-9a-f]{16})?$"
_EncodingKey = Field(default=SecretStr(""), min_length=0, max_length=43)


class _App(Group):
    app_id: str = Field(default="", pattern=_AppId)
    """Its AppID, `wx` and 16 hexadecimal digits. Empty: this way is not offered."""
    secret: SecretStr = SecretStr("")
    """Its AppSecret."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.app_id) != bool(self.secret.get_secret_value()):
            raise ValueError("app_id and secret go together")
        return self


class OfficialAccountSettings(_App):
    callback_token: SecretStr = SecretStr("")
    """Token of the server configuration (服务器配置), by which WeChat signs its callbacks."""
    encoding_key: SecretStr = _EncodingKey
    """EncodingAESKey, 43 characters. Set: only encrypted callbacks (safe mode) are taken."""
    former_encoding_key: SecretStr = _EncodingKey
    """The EncodingAESKey before the last change: callbacks under way still use it."""

    @model_validator(mode="after")
    def _callbacks_are_checked(self) -> Self:
        if self.app_id and not self.callback_token.get_secret_value():
            raise ValueError("callback_token must be the Token of the server configuration")
        for key in (self.encoding_key, self.former_encoding_key):
            if len(key.get_secret_value()) not in {0, 43}:
                raise ValueError("an EncodingAESKey has 43 characters")
        return self


class MiniProgramSettings(_App):
    path: str = Field(default="pages/connect/connect", pattern=r"^[0-9A-Za-z_/-]{1,128}$")
    """Page that a login opens, as declared for plain schemes (明文 scheme)."""
    version: Literal["release", "trial", "develop"] = "release"
    """Which version of the mini-program opens: `release`, `trial` or `develop`."""
    url_link: bool = False
    """Ask WeChat for an https link (URL Link) as well: opens where schemes do not."""


class WebsiteAppSettings(_App):
    """The website application of the open platform (开放平台网站应用)."""


class HqSettings(Group):
    host: str = "127.0.0.1"
    """Address the relay listens on; a web server with a certificate stands before it."""
    port: Port = 8090
    """Port the relay listens on."""
    workers: int = Field(default=2, ge=1, le=64)
    """gunicorn worker processes."""
    # At most as many as the pool of a database has connections.
    threads: int = Field(default=8, ge=1, le=15)
    """Requests that each worker answers side by side: one may wait for WeChat."""
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/?#@]+)?$")
    """Where WeChat and browsers reach the relay. Empty: the mini-program's way alone."""
    database_url: str = ""
    """SQLAlchemy URL (SQLite or PostgreSQL). Empty: `hq.sqlite` in `data_dir`."""
    login_s: int = Field(default=600, ge=60, le=1800)
    """How long a login by WeChat, its QR code and its links are good, in seconds."""
    logins_per_store_minute: int = Field(default=120, ge=1, le=100_000)
    """Logins that one store may begin in a minute: what WeChat allows is for all of them."""
    key_grace_s: int = Field(default=3600, ge=0, le=30 * 86_400)
    """How long a store's earlier keys are good once it has used a new one, in seconds."""
    events_per_store_minute: int = Field(default=60_000, ge=1, le=100_000_000)
    """Events that one store may send in a minute; more is told to wait."""
    megabytes_per_store_minute: int = Field(default=50, ge=1, le=100_000)
    """How much one store may send in a minute, unpacked, in megabytes."""
    erasures_per_store_day: int = Field(default=50, ge=0, le=1_000_000)
    """Members of other stores that one store may have erased in a day; more waits for a person."""
    fold_every_s: int = Field(default=2, ge=1, le=3600)
    """How often the jobs look for what stores have sent, in seconds."""
    official_account: OfficialAccountSettings = OfficialAccountSettings()
    """The service account (服务号) that shoppers follow."""
    mini_program: MiniProgramSettings = MiniProgramSettings()
    """The mini-program (小程序)."""
    website: WebsiteAppSettings = WebsiteAppSettings()
    """The website application (网站应用) of the open platform, for laptops."""
    wechat_api_url: Url = "https://api.weixin.qq.com"
    """Where WeChat's programming interface is."""
    wechat_open_url: Url = "https://open.weixin.qq.com"
    """Where WeChat's pages of authorisation are."""
    wechat_timeout_s: float = Field(default=4, gt=0, le=30)
    """How long WeChat may take for one answer, in seconds."""
    fleet: FleetSettings = FleetSettings()
    pages: PagesSettings = PagesSettings()
