"""What the small pages of the ways in beside the phone number have in common."""

import dataclasses
from collections.abc import Mapping

from flask import Response, abort, request

from core import wechat_relay
from portal import page
from portal.forms import Fault
from portal.parts import Parts
from portal.visitor import Visitor, wired
from portal.ways.standing import Stage
from portal.wechat import screen

# Their order on the first page.
_WAYS = ("email", "voucher", "sponsor")
_PATHS = {"email": "/email", "voucher": "/voucher", "sponsor": "/guest"}


@dataclasses.dataclass(frozen=True, slots=True)
class Way:
    name: str
    path: str


def ways(parts: Parts) -> list[Way]:
    """Those of this store."""
    return [Way(name, _PATHS[name]) for name in _WAYS if is_open(parts, name)]


def is_open(parts: Parts, name: str) -> bool:
    if name == "email" and parts.mail is None:
        return False
    return bool(getattr(parts.settings.ways, name))


def require(name: str) -> None:
    """Answer as for a page that does not exist, if this store does not have the way."""
    if not is_open(wired(), name):
        abort(404)


def is_settled(visitor: Visitor) -> bool:
    """Whether the phone has no use for another way in: it is online, or on hold."""
    return visitor.standing.grant is not None or visitor.standing.stage is Stage.ONLINE


def is_known(visitor: Visitor) -> bool:
    """Whether the first page has the button of a member's phone."""
    parts, standing = wired(), visitor.standing
    if is_settled(visitor):
        return False
    with parts.database.reading() as session:
        known = parts.return_desk.find(session, standing.device, visitor.language, visitor.now)
    return known is not None


def wechat_ways() -> tuple[wechat_relay.Way, ...]:
    """Of WeChat's, those that the store has for the screen that asks; none without a relay."""
    parts = wired()
    here = screen.of(request.headers.get("User-Agent", ""))
    return screen.ways(here, parts.settings.wechat.ways) if parts.wechat else ()


def show(
    visitor: Visitor,
    name: str,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, Fault] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    """The page with the form of one way; see `portal.views.steps.phone_page`."""
    return page.render(
        "entry.html",
        visitor.language,
        status,
        here=_PATHS[name],
        way=name,
        path=_PATHS[name],
        typed=typed or {},
        faults=faults or {},
        problem=problem,
    )
