"""Login by WeChat: the button, the page while the shopper is away there, and the way back."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from core.models.login import Serves
from core.wechat_relay import TOKEN_PARAMETER
from portal import page
from portal.forms import Fault
from portal.views import entry, last_session, steps, wechat_trip
from portal.views.wechat_trip import Away, Trip
from portal.visitor import Visitor, arrive, wired
from portal.ways import standing
from portal.ways.standing import Stage
from portal.wechat.desk import Outcome

bp = Blueprint("wechat", __name__)

_OPEN_TO = {Stage.PHONE, Stage.WECHAT, Stage.CODE, Stage.WAITING, Stage.CONSENT}
# These have a page of their own: what is to be done is not on the first one.
_MESSAGES = {"other_device", "link_over"}


@bp.post("/wechat")
def begin() -> ResponseReturnValue:
    visitor = arrive()
    found = visitor.standing
    if found.stage not in _OPEN_TO or found.grant or not entry.wechat_ways():
        return steps.go_on(visitor)
    if last_session.data_are_spent(visitor):
        return steps.phone_page(visitor, status=429)
    if not request.form.get("terms"):
        faults = {"terms": Fault.TERMS_MISSING}
        return steps.phone_page(visitor, typed=request.form, faults=faults, status=422)
    return wechat_trip.begin(_TRIP, visitor, found.login if found.stage is Stage.WECHAT else None)


@bp.get("/wechat")
def show() -> ResponseReturnValue:
    visitor, relay = arrive(), wired().wechat
    device, login = visitor.standing.device, visitor.standing.login
    if visitor.standing.stage is not Stage.WECHAT or not (device and login and relay):
        return steps.go_on(visitor)
    return wechat_trip.look(_TRIP, visitor, Away(device, login, relay))


@bp.get("/wechat/back")
def come_back() -> ResponseReturnValue:
    """With a token, or without one from a page that refused."""
    visitor, relay = arrive(), wired().wechat
    token = request.args.get(TOKEN_PARAMETER)
    device, login = visitor.standing.device, visitor.standing.login
    if visitor.standing.stage is Stage.PHONE and token and relay:
        if login is not None and standing.needs_number(login, visitor.now):
            # The same link, tapped again.
            return steps.go_on(visitor)
        return _refuse(visitor, "other_device", 403)
    if visitor.standing.stage is not Stage.WECHAT or not (token and device and login and relay):
        return steps.go_on(visitor)
    return wechat_trip.come_back(_TRIP, visitor, Away(device, login, relay), token)


def _refuse(visitor: Visitor, name: str, status: int) -> AnyResponse:
    if name in _MESSAGES:
        return page.render("message.html", visitor.language, status, name=name)
    problem = wired().texts.text(visitor.language, f"wechat.{name}")
    return steps.phone_page(visitor, typed={"terms": "yes"}, problem=problem, status=status)


def _settle(visitor: Visitor, outcome: Outcome) -> AnyResponse:
    return page.go("/consent" if outcome is Outcome.PROVEN else "/", visitor)


_TRIP = Trip(Serves.INTERNET, "/wechat", "/?change=1", "wechat", _refuse, _settle)
