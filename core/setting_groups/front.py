"""The web server in front of the portal."""

import enum

from pydantic import Field

from core.setting_groups.base import Group, Port


class FrontServer(enum.StrEnum):
    NONE = "none"
    NGINX = "nginx"


class FrontSettings(Group):
    server: FrontServer = FrontServer.NONE
    """`nginx` in a store; `none`: phones reach the portal itself (demo, no root, no TLS)."""
    addresses: tuple[str, ...] = ("0.0.0.0", "::")  # noqa: S104 - the firewall says who gets there
    """Addresses it listens on."""
    http_port: Port = 80
    """Port for HTTP; port 80 of shoppers is redirected to it."""
    https_port: Port = 443
    """Port for HTTPS, once `certificate.chain` is set."""
    workers: int = Field(default=0, ge=0, le=32)
    """nginx worker processes. 0: one for each processor; each takes some 5 MiB."""
    user: str = Field(default="www-data", pattern=r"^[a-z_][a-z0-9_-]{0,31}$")
    """System user of its workers; the portal takes a phone's address from no other."""
    socket: str = ""
    """Unix socket between the two. Empty: `portal.sock` in `data_dir`."""
    folder: str = "/run/doorman-front"
    """Where its configuration and temporary files lie. Nobody but root should write here."""
