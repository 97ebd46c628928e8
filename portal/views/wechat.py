"""Login by WeChat: the button, the page while the shopper is away there, and the way back."""

import dataclasses
from collections.abc import Collection

import segno
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from core.log import Log
from core.models.device import Device
from core.models.login import Login
from core.wechat_relay import TOKEN_PARAMETER, Refusal, Way
from core.wechat_relay import Stage as Progress
from gate.client import GateError
from portal import devices, page
from portal.forms import Fault
from portal.views import last_session, offer, steps
from portal.views.passes import give
from portal.visitor import Visitor, arrive, wired
from portal.ways import standing
from portal.ways.standing import Stage
from portal.wechat import screen
from portal.wechat.desk import Outcome
from portal.wechat.screen import Screen
from portal.wechat.shape import (
    LoginOverError,
    Offer,
    PermanentRelayError,
    RelayError,
    WechatIdentity,
)

bp = Blueprint("wechat", __name__)
_log = Log("portal")

_LOOK_AGAIN_S = 5
_BACK = "/wechat/back"
_OPEN_TO = {Stage.PHONE, Stage.WECHAT, Stage.CODE, Stage.WAITING, Stage.CONSENT}
_ANOTHERS = {Refusal.OTHER_DEVICE, Refusal.USED}


@bp.post("/wechat")
def begin() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    here = _screen()
    ways = screen.ways(here, parts.settings.wechat.ways)
    if visitor.standing.stage not in _OPEN_TO or visitor.standing.grant or not ways:
        return steps.go_on(visitor)
    if last_session.data_are_spent(visitor):
        return steps.phone_page(visitor, status=429)
    if not request.form.get("terms"):
        faults = {"terms": Fault.TERMS_MISSING}
        return steps.phone_page(visitor, typed=request.form, faults=faults, status=422)
    if not _has_begun(visitor, here):
        refused = _begin(visitor, here, ways)
        if refused is not None:
            return refused
    visitor = dataclasses.replace(visitor, usual_language=visitor.language)
    # A full navigation, upon which an iPhone with a pass probes again.
    return page.go("/wechat", visitor)


@bp.get("/wechat")
def show() -> ResponseReturnValue:
    """Where the login is. The page asks for itself again every few seconds."""
    visitor, parts = arrive(), wired()
    device, login, relay = visitor.standing.device, visitor.standing.login, parts.wechat
    if visitor.standing.stage is not Stage.WECHAT or not (device and login and relay):
        return steps.go_on(visitor)
    made = parts.wechat_desk.offer_of(login, visitor.now)
    if made is None:
        return _over(visitor, device)
    try:
        progress = relay.look(made.login_id, visitor.now)
        if progress in {Progress.PROVED, Progress.REDEEMED}:
            # Redeemed: by us, and the answer may have been lost.
            reference = parts.wechat_desk.reference(device)
            identity = relay.redeem_login(made.login_id, reference, visitor.now)
            return _take(visitor, device, login, identity)
    except LoginOverError:
        return _over(visitor, device)
    except RelayError as error:
        _report(error)
        problem = parts.texts.text(visitor.language, "wechat.silent")
        return _away_page(visitor, made, problem=problem, status=503)
    failed = request.args.get("pass") == "failed"
    problem = parts.texts.text(visitor.language, "pass.failed") if failed else ""
    return _away_page(visitor, made, followed=progress is Progress.FOLLOWED, problem=problem)


@bp.get(_BACK)
def come_back() -> ResponseReturnValue:
    """With the token of a link in WeChat, or without one from a page that refused."""
    visitor, parts = arrive(), wired()
    token = request.args.get(TOKEN_PARAMETER)
    device, login, relay = visitor.standing.device, visitor.standing.login, parts.wechat
    if visitor.standing.stage is Stage.PHONE and token and relay:
        if login is not None and standing.needs_number(login, visitor.now):
            # The same link, tapped again.
            return steps.go_on(visitor)
        return page.render("message.html", visitor.language, 403, name="other_device")
    if visitor.standing.stage is not Stage.WECHAT or not (token and device and login and relay):
        return steps.go_on(visitor)
    try:
        identity = relay.redeem_token(token, parts.wechat_desk.reference(device), visitor.now)
    except LoginOverError as error:
        name = "other_device" if error.refusal in _ANOTHERS else "link_over"
        return page.render("message.html", visitor.language, 403, name=name)
    except RelayError as error:
        _report(error)
        return _first_page(visitor, "wechat.silent", 503)
    return _take(visitor, device, login, identity)


def _begin(visitor: Visitor, here: Screen, ways: Collection[Way]) -> AnyResponse | None:
    """Ask the relay for a login, and let the phone reach WeChat; a page if that fails."""
    parts = wired()
    with parts.database.writing() as session:
        device = devices.find_or_make(session, parts.sealer, visitor.mac, visitor.now)
        may_begin = parts.wechat_desk.may_begin(session, device, visitor.now)
    if not may_begin:
        return _first_page(visitor, "wechat.too_often", 429)
    made = _asked(visitor, device, ways)
    if made is None or not _fits(made, here):
        return _first_page(visitor, "wechat.down", 503)
    with parts.database.writing() as session:
        login = parts.wechat_desk.keep(session, device, made, visitor.language, visitor.now)
    _log.info("login by WeChat begun", login=login.id, screen=here)
    try:
        give(visitor)
    except GateError as error:
        # It can be asked for once more on the page, and mobile data do as well.
        _log.error("the gate gave no pass", reason=str(error))
    return None


def _asked(visitor: Visitor, device: Device, ways: Collection[Way]) -> Offer | None:
    parts = wired()
    if parts.wechat is None:
        return None
    try:
        made = parts.wechat.begin(
            reference=parts.wechat_desk.reference(device),
            return_url=parts.settings.portal.url.rstrip("/") + _BACK,
            language=visitor.language,
            ways=ways,
            now=visitor.now,
        )
    except RelayError as error:
        _report(error)
        return None
    if made.unavailable:
        closed = {way.value: why.value for way, why in made.unavailable.items()}
        _log.warning("the relay has not every way", **closed)
    return made


def _take(
    visitor: Visitor, device: Device, login: Login, identity: WechatIdentity
) -> ResponseReturnValue:
    parts = wired()
    with parts.database.writing() as session:
        outcome = parts.wechat_desk.take(session, device, login.id, identity, visitor.now)
    _log.info("back from WeChat", login=login.id, way=identity.way, outcome=outcome.name)
    if outcome is Outcome.NUMBER_REFUSED:
        return _first_page(visitor, "wechat.number_refused", 422)
    return page.go({Outcome.PROVEN: "/consent"}.get(outcome, "/"), visitor)


def _over(visitor: Visitor, device: Device) -> ResponseReturnValue:
    parts = wired()
    with parts.database.writing() as session:
        parts.wechat_desk.give_up(session, device)
    return _first_page(visitor, "wechat.over", 200)


def _first_page(visitor: Visitor, text: str, status: int) -> AnyResponse:
    problem = wired().texts.text(visitor.language, text)
    return steps.phone_page(visitor, typed={"terms": "yes"}, problem=problem, status=status)


def _away_page(
    visitor: Visitor,
    made: Offer,
    *,
    followed: bool = False,
    problem: str = "",
    status: int = 200,
) -> AnyResponse:
    here = _screen()
    code = made.mini_program_link if here is Screen.LAPTOP else made.follow_qr
    return page.render(
        "wechat.html",
        visitor.language,
        status,
        here="/wechat",
        screen=here.value,
        made=made,
        code=_drawn(code) if code and here is not Screen.INSIDE else "",
        followed=followed,
        problem=problem,
        look_again_s=_LOOK_AGAIN_S,
        offer=offer.shown(visitor) if offer.is_open_to(visitor) else None,
    )


def _drawn(text: str) -> str:
    """A QR code as an address of an image. Light and quiet around it also on dark pages."""
    return segno.make_qr(text, error="m").svg_data_uri(scale=5, border=4, light="#fff")


def _has_begun(visitor: Visitor, here: Screen) -> bool:
    """Whether what this phone has begun will do here: the button was pressed twice."""
    login = visitor.standing.login
    if login is None or visitor.standing.stage is not Stage.WECHAT:
        return False
    made = wired().wechat_desk.offer_of(login, visitor.now)
    return made is not None and _fits(made, here)


def _fits(made: Offer, here: Screen) -> bool:
    """Whether anything in it can be used here."""
    if here is Screen.INSIDE:
        return made.oauth_url is not None
    if here is Screen.LAPTOP:
        return bool(made.website_url or made.mini_program_link)
    return bool(made.mini_program_scheme or made.mini_program_link or made.follow_qr)


def _report(error: RelayError) -> None:
    if isinstance(error, PermanentRelayError):
        _log.error("the WeChat relay refuses", mend=str(error))
    else:
        _log.warning("the WeChat relay gives no result", reason=str(error))


def _screen() -> Screen:
    return screen.of(request.headers.get("User-Agent", ""))
