"""What a site of ours is, as far as signing in, languages and rights are concerned.

There are two: the store's pages here, and the fleet's at headquarters (`hq.pages`). What both
do in the same way looks at its site by this module alone, so that it is written once.
"""

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, cast

from flask import current_app

from analytics.dashboard.rights import Rights
from analytics.dashboard.sign_ins import Lifetime
from core.database import Database
from core.sealing import Sealer
from core.texts import Texts

PARTS = "doorman_parts"
FRAME = "doorman_frame"


class Site(Protocol):
    """What is behind the pages. Each site's own parts have this, and more."""

    @property
    def database(self) -> Database: ...
    @property
    def sealer(self) -> Sealer: ...
    @property
    def texts(self) -> Texts: ...
    @property
    def clock(self) -> Callable[[], dt.datetime]: ...
    @property
    def form_key(self) -> bytes: ...
    @property
    def name(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def zone(self) -> zoneinfo.ZoneInfo: ...
    @property
    def lifetime(self) -> Lifetime: ...
    @property
    def requires_codes(self) -> bool: ...


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """What one request is about, for the audit log. Nothing personal."""

    member: str | None = None
    """The public id of the one member."""
    number: int | None = None
    reason: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """What is around each page of a site."""

    home: str
    """The view that one comes to after signing in."""
    cookie: str
    """Its own name: browsers keep cookies by host, and sites may share one."""
    rights: Rights
    groups: Mapping[str, tuple[str, ...]]
    """Pages by group; their texts are `navigation.<name>`, their views `<name>.page`."""
    part_of: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Views without a place of their own in a group, and the page that they belong to."""
    is_used: Callable[[str], bool] = lambda _page: True
    """Whether there is anything to see on a page."""
    subject: Callable[[], Subject] = Subject
    """Of the present request."""
    shared_names: frozenset[str] = frozenset()
    """Hosts at which something else has to be reached by HTTP, too."""
    folders: tuple[Path, ...] = ()
    """With templates and static files that come before those of the dashboard."""


def site() -> Site:
    """The site that answers the present request."""
    return cast("Site", current_app.extensions[PARTS])


def frame() -> Frame:
    return cast("Frame", current_app.extensions[FRAME])
