"""The fleet's pages at headquarters: for the chain's managers and IT, never for stores."""

from pydantic import Field

from core.setting_groups.base import Group, Port, TimeZone


class PagesSettings(Group):
    name: str = "Doorman"
    """The chain's name, which the pages are headed with."""
    host: str = "127.0.0.1"
    """Address the pages listen on: the management side only, apart from what stores ask."""
    port: Port = 8091
    """Port the pages listen on."""
    chain: str = ""
    """PEM file: certificate and issuers, if the pages speak HTTPS themselves. Empty: a web server
    with a certificate stands before them, on this machine.
    """
    key: str = ""
    """PEM file with its private key. It may be the same file."""
    workers: int = Field(default=2, ge=1, le=64)
    """gunicorn worker processes."""
    threads: int = Field(default=4, ge=1, le=15)
    """Pages that each worker makes side by side."""
    time_zone: TimeZone = "Asia/Shanghai"
    """IANA zone of the moments that are shown. Days are each store's own."""
    language: str = Field(default="zh", pattern="^(zh|en)$")
    """Of pages for a browser that asks for none of ours: `zh` or `en`."""
    sign_in_hours: int = Field(default=12, ge=1, le=168)
    """Hours after which a user signs in again, however busy."""
    idle_minutes: int = Field(default=30, ge=5, le=1440)
    """Minutes after which a user signs in again who has done nothing."""
    require_codes: bool = False
    """Whether users have to sign in with a code of their phone's besides the password. Who has not
    set codes up yet comes to the page for that, and to no other.
    """
    silent_minutes: int = Field(default=15, ge=5, le=1440)
    """Minutes without a heartbeat after which a store counts as silent. Stores send one every
    `headquarters.report_every_s`.
    """
