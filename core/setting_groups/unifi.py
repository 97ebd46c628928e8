"""A UniFi gateway that the store keeps."""

import enum

from pydantic import Field, SecretStr

from core.setting_groups.base import Group


class UnifiConsole(enum.StrEnum):
    UNIFI_OS = "unifi-os"
    STANDALONE = "standalone"


class UnifiSettings(Group):
    url: str = Field(default="", pattern=r"^(https://[^\s/?#]+)?$")
    """The console or Network application, such as `https://192.168.1.1`."""
    console: UnifiConsole = UnifiConsole.UNIFI_OS
    """`unifi-os`: a gateway, Cloud Key or UniFi OS Server; `standalone`: the application alone."""
    site: str = Field(default="default", pattern=r"^[0-9A-Za-z_-]{1,64}$")
    """The site's short name, as in the address of its pages."""
    api_key: SecretStr = SecretStr("")
    """Key of the Network application's API. With it no user is needed (docs/gear-unifi.md)."""
    username: str = ""
    """A local user of the console who may manage this site, if there is no `api_key`."""
    password: SecretStr = SecretStr("")
    """That user's password."""
    ca_file: str = Field(default="", pattern=r"^(/[^\s]+)?$")
    """Certificates (PEM) of whoever has signed the console's. Empty: the public authorities."""
    read_every_s: float = Field(default=5, ge=1, le=60)
    """How often the console is asked who is connected, in seconds."""
