"""What the present request asks for, as far as its user may see it."""

from flask import g, request
from sqlalchemy.orm import Session

from hq.pages import asked, roles, scopes
from hq.pages.asked import Asked
from hq.pages.parts import wired
from hq.pages.scopes import Scope


def question(session: Session) -> Asked:
    return asked.read(request.args, own_region(session), wired().today)


def scope(session: Session) -> Scope:
    return scopes.read(request.args, own_region(session))


def own_region(session: Session) -> str | None:
    """The one region that the user may see; None: all."""
    return scopes.region_of(session, g.user.user_id)


def sees_health() -> bool:
    return roles.RIGHTS.may(g.user.role, "health.page")


def page_number() -> int:
    return request.args.get("page", 1, type=int)


def for_filter(session: Session, chosen: Scope) -> dict[str, object]:
    """What the form that chooses stores is drawn from."""
    return {"scope": chosen, "regions": [] if chosen.is_bound else scopes.regions(session)}
