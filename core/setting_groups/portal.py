"""The portal's pages."""

import enum

from pydantic import Field

from core.setting_groups.base import Group, Port, Url


class NeighboursKind(enum.StrEnum):
    KERNEL = "kernel"
    LOOPBACK = "loopback"
    REDIRECT = "redirect"


class PortalSettings(Group):
    host: str = "127.0.0.1"
    """Address the portal listens on, unless `front.server` stands before it."""
    port: Port = 8080
    """Its port; port 80 of shoppers is redirected to it."""
    url: Url = "http://127.0.0.1:8080"
    """Where a shopper's browser reaches the portal: every other address is redirected here."""
    workers: int = Field(default=2, ge=1, le=32)
    """gunicorn worker processes."""
    # At most as many as the pool of a database has connections.
    threads: int = Field(default=8, ge=1, le=15)
    """Requests that each worker answers side by side: one may wait for an SMS carrier."""
    neighbours: NeighboursKind = NeighboursKind.KERNEL
    """How a phone's hardware address is found: the kernel's table; the `redirect` of another
    gateway, which confirms it (docs/gear.md); or made up for `loopback`."""
    behind_nat: bool = False
    """Whether phones reach the portal through NAT, so that a cookie has to tell them apart
    (docs/gear.md). With `neighbours = "redirect"` alone."""
    minimum_age: int | None = Field(default=None, ge=0, le=21)
    """Age a shopper declares to become a member. Empty: the law's, 14 in China (PIPL), else 16."""
    venue_url: str = Field(default="", pattern=r"^(https://[!-~]+)?$", max_length=1000)
    """Page about the store (https) that phones may offer once online. Empty: none is offered."""
    custom_tabs: bool = False
    """Ask Android 12+ to show the portal in a tab of its browser. Not yet tried on a phone."""
