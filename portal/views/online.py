"""Last pages: online, nearly online, and off again."""

import datetime as dt
import functools

from flask import Blueprint
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from core.log import Log
from core.models.campaign import Spot
from core.models.grant import Grant
from gate.client import GateError
from portal import page, wording
from portal.access import grants
from portal.views import extras, steps
from portal.visitor import Visitor, arrive, wired
from portal.ways.standing import Stage

bp = Blueprint("online", __name__)
_log = Log("portal")


def admit(visitor: Visitor, grant: Grant) -> AnyResponse:
    """Open the gate for a grant that is on disk, or offer to try again."""
    try:
        opened = wired().admission.open(visitor.mac, grant, visitor.now)
    except GateError as error:
        _log.error("the gate did not admit a phone", grant=grant.id, reason=str(error))
        return steps.connect_page(visitor, failed=True)
    if opened:
        _log.info("phone admitted", grant=grant.id)
    return page.go("/online", visitor)


@bp.get("/online")
def show() -> ResponseReturnValue:
    return _online_page(arrive())


@bp.get("/connect")
def show_connect() -> ResponseReturnValue:
    visitor = arrive()
    if visitor.standing.stage is not Stage.CONNECT:
        return steps.go_on(visitor)
    return steps.connect_page(visitor, failed=False)


@bp.post("/connect")
def connect() -> ResponseReturnValue:
    visitor = arrive()
    grant = visitor.standing.grant
    if visitor.standing.stage is not Stage.CONNECT or grant is None:
        return steps.go_on(visitor)
    return admit(visitor, grant)


@bp.post("/extend")
def extend() -> ResponseReturnValue:
    """Stay longer. Whoever may not, or asks twice, sees until when they may."""
    visitor = arrive()
    grant = visitor.standing.grant
    if visitor.standing.stage is not Stage.ONLINE or grant is None:
        return steps.go_on(visitor)
    try:
        if wired().admission.extend(visitor.mac, grant.id, visitor.now):
            _log.info("session extended", grant=grant.id)
    except GateError as error:
        # It is on disk, and jobs will tell the gate: nothing for the shopper to do.
        _log.error("the gate was not told of an extension", grant=grant.id, reason=str(error))
    return page.go("/online", visitor)


@bp.get("/extend")
def go_back() -> ResponseReturnValue:
    """A sheet that is reopened asks again for where its last form went."""
    return steps.go_on(arrive())


@bp.post("/logout")
def log_out() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    if visitor.standing.grant is None:
        return steps.go_on(visitor)
    try:
        parts.admission.close(visitor.mac, visitor.now)
    except GateError as error:
        _log.error("the gate did not revoke a phone", reason=str(error))
        return failed_page(visitor)
    return page.go("/", visitor)


def failed_page(visitor: Visitor) -> AnyResponse:
    """The page of a phone that could not be disconnected."""
    return _online_page(visitor, failed=True)


def _online_page(visitor: Visitor, *, failed: bool = False) -> AnyResponse:
    grant = visitor.standing.grant
    if visitor.standing.stage is not Stage.ONLINE or grant is None:
        return steps.go_on(visitor)
    parts = wired()
    say = functools.partial(parts.texts.text, visitor.language)
    left = grants.bytes_left(grant)
    longer = dt.timedelta(seconds=grant.extension_s)
    return page.render(
        "online.html",
        visitor.language,
        503 if failed else 200,
        here=steps.PATHS[Stage.ONLINE],
        until=wording.clock(
            visitor.language, grant.expires_at, visitor.now, parts.settings.store.zone
        ),
        time_left=wording.span(say, grant.expires_at - visitor.now),
        data_left="" if left is None else wording.data(left),
        longer=wording.span(say, longer) if grants.may_extend(grant, visitor.now) else "",
        demo=parts.admission.is_demo(),
        failed=failed,
        may_forget=parts.settings.ways.device and grant.member_id is not None,
        coupons=extras.held_coupons(visitor),
        campaign=extras.shown(visitor, Spot.ONLINE),
        survey=extras.survey(visitor),
    )
