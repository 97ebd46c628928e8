"""The store manager's pages, and what runs by the clock."""

from pydantic import Field

from core.setting_groups.base import Group, Port

# A page that waits for the gate or for a password's hash keeps nobody else waiting.
_PAGE_THREADS = 4


class DashboardSettings(Group):
    host: str = "127.0.0.1"
    """Address the dashboard listens on: the management side only."""
    port: Port = 8081
    """Port the dashboard listens on."""
    chain: str = ""
    """PEM file: the certificate of the name that staff call the dashboard by, then its issuers; by
    it the dashboard speaks HTTPS. Empty: HTTP, which is for this machine, not for a network.
    """
    key: str = ""
    """PEM file with its private key, readable by the dashboard's user. It may be the same file."""
    workers: int = Field(default=1, ge=1, le=8)
    """gunicorn worker processes."""
    live_streams: int = Field(default=4, ge=0, le=32)
    """Open pages per worker that are told of new figures as they come. Each takes a thread; a
    page beyond them asks again every 20 seconds.
    """
    sign_in_hours: int = Field(default=12, ge=1, le=168)
    """Hours after which a user signs in again, however busy."""
    idle_minutes: int = Field(default=30, ge=5, le=1440)
    """Minutes after which a user signs in again who has done nothing. A page that fetches itself
    anew does nothing.
    """
    require_codes: bool = False
    """Whether users have to sign in with a code of their phone's besides the password. Who has not
    set codes up yet comes to the page for that, and to no other.
    """
    reveals_a_day: int = Field(default=20, ge=0, le=1000)
    """Members whose whole number one user may look at in 24 hours, each for a reason; and as many
    whose data they may download for them. 0: none."""

    @property
    def threads(self) -> int:
        """Of each worker: one for each stream, and some for pages."""
        return self.live_streams + _PAGE_THREADS


class JobsSettings(Group):
    account_every_s: int = Field(default=10, ge=1, le=300)
    """How often phones' traffic is counted, and sessions that are over are ended, in seconds."""
    roll_up_every_s: int = Field(default=60, ge=1, le=3600)
    """How often today's figures are brought up to date, in seconds."""
    close_days_every_s: int = Field(default=600, ge=1, le=3600)
    """How often days that have ended are looked for and closed, in seconds."""
    send_every_s: int = Field(default=5, ge=1, le=3600)
    """How often the outbox is looked at, in seconds."""
