"""The way to WeChat for a phone that is not online yet: a temporary pass, and its page."""

import math

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from core.log import Log
from core.metrics import counted
from core.models.temporary_pass import TemporaryPass
from gate.client import GateError
from portal import page
from portal.access import passes
from portal.views import offer, steps
from portal.visitor import Visitor, arrive, wired
from portal.ways.standing import Stage

bp = Blueprint("passes", __name__)
_log = Log("portal")


@bp.post("/pass")
def ask() -> ResponseReturnValue:
    visitor = arrive()
    if not offer.is_open_to(visitor):
        return steps.go_on(visitor)
    try:
        taken = give(visitor)
    except GateError as error:
        _log.error("the gate gave no pass", reason=str(error))
        return _failed(arrive())
    if taken is None:
        # The page that it leads to says why.
        return steps.go_on(arrive())
    # A full navigation, upon which an iPhone probes again and is told that all is well.
    return page.go("/pass", visitor)


def give(visitor: Visitor) -> TemporaryPass | None:
    """Let the phone reach WeChat, if it may have a pass. GateError: it may ask again."""
    parts = wired()
    kind = passes.kind_for(request.headers.get("User-Agent", ""))
    taken = parts.pass_desk.take(visitor.mac, kind, visitor.now)
    if taken is not None and parts.pass_desk.open(visitor.mac, taken, visitor.now):
        counted.PASSES.add(taken.kind)
        seconds = parts.settings.passes.seconds
        _log.info("temporary pass given", temporary_pass=taken.id, kind=taken.kind, seconds=seconds)
    return taken


@bp.get("/pass")
def show() -> ResponseReturnValue:
    """How to go on while the pass runs; afterwards, where the phone stands."""
    visitor = arrive()
    found = wired().pass_desk.offer(visitor.standing.device, visitor.now)
    if found is None or found.running is None:
        return steps.go_on(visitor)
    return _running_page(visitor, found.running)


def _running_page(visitor: Visitor, running: TemporaryPass) -> AnyResponse:
    is_away = visitor.standing.stage is Stage.WECHAT
    return page.render(
        "wechat_pass.html" if is_away else "pass.html",
        visitor.language,
        here="/pass",
        kind=running.kind.value,
        until=offer.end_of(running),
        # Then this page leads back to the login by itself.
        ends_in_s=math.ceil((running.expires_at - visitor.now).total_seconds()) + 1,
    )


def _failed(visitor: Visitor) -> AnyResponse:
    problem = wired().texts.text(visitor.language, "pass.failed")
    if visitor.standing.stage is Stage.WECHAT:
        return page.go("/wechat?pass=failed", visitor)
    if visitor.standing.stage is Stage.CODE:
        return steps.code_page(visitor, problem=problem, status=503)
    return steps.phone_page(visitor, problem=problem, status=503)
