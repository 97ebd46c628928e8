"""To WeChat and back: what a login by WeChat and a proof for my data have in common."""

import dataclasses
from collections.abc import Callable

import segno
from flask import request
from werkzeug.wrappers import Response as AnyResponse

from core.log import Log
from core.models.device import Device
from core.models.login import Login, Serves
from core.wechat_relay import Refusal
from core.wechat_relay import Stage as Progress
from gate.client import GateError
from portal import devices, page
from portal.views import entry, offer
from portal.views.passes import give
from portal.visitor import Visitor, wired
from portal.wechat import screen
from portal.wechat.desk import Outcome, WechatDesk
from portal.wechat.screen import Screen
from portal.wechat.shape import (
    LoginOverError,
    Offer,
    PermanentRelayError,
    RelayError,
    WechatIdentity,
    WechatRelay,
)

_log = Log("portal")

_LOOK_AGAIN_S = 5
_ANOTHERS = {Refusal.OTHER_DEVICE, Refusal.USED}


@dataclasses.dataclass(frozen=True, slots=True)
class Trip:
    """What somebody goes to WeChat for, and the pages around it."""

    serves: Serves
    path: str
    """Of the page while they are away. `/back` below it is where they come back to."""
    change: str
    """Where another way is chosen."""
    words: str
    """The catalogues' table with its texts."""
    refuse: Callable[[Visitor, str, int], AnyResponse]
    """The page that says why nothing has come of it: by the name of a text, and a status."""
    settle: Callable[[Visitor, Outcome], AnyResponse]
    """Where it goes on, now that WeChat has said who it is."""

    @property
    def desk(self) -> WechatDesk:
        return dataclasses.replace(wired().wechat_desk, serves=self.serves)


@dataclasses.dataclass(frozen=True, slots=True)
class Away:
    """A device that is away at WeChat."""

    device: Device
    login: Login
    relay: WechatRelay
    """It knows more."""


def begin(trip: Trip, visitor: Visitor, pending: Login | None) -> AnyResponse:
    """Lead to the page from where WeChat is opened.

    Args:
        trip: what for.
        visitor: who goes.
        pending: the login that they are away with already, if the button was pressed twice.
    """
    if pending is None or not _will_do(trip, visitor, pending):
        refused = _begin(trip, visitor)
        if refused is not None:
            return refused
    visitor = dataclasses.replace(visitor, usual_language=visitor.language)
    # A full navigation, upon which an iPhone with a pass probes again.
    return page.go(trip.path, visitor)


def look(trip: Trip, visitor: Visitor, away: Away) -> AnyResponse:
    """Where the login is. The page asks for itself again every few seconds."""
    made = trip.desk.offer_of(away.login, visitor.now)
    if made is None:
        return _over(trip, visitor, away)
    try:
        progress = away.relay.look(made.login_id, visitor.now)
        if progress in {Progress.PROVED, Progress.REDEEMED}:
            # Redeemed: by us, and the answer may have been lost.
            reference = trip.desk.reference(away.device)
            identity = away.relay.redeem_login(made.login_id, reference, visitor.now)
            return _take(trip, visitor, away, identity)
    except LoginOverError:
        return _over(trip, visitor, away)
    except RelayError as error:
        return _silent(trip, visitor, made, error)
    failed = request.args.get("pass") == "failed"
    problem = wired().texts.text(visitor.language, "pass.failed") if failed else ""
    followed = progress is Progress.FOLLOWED
    return _away_page(trip, visitor, made, followed=followed, problem=problem)


def come_back(trip: Trip, visitor: Visitor, away: Away, token: str) -> AnyResponse:
    """With the token of a link in WeChat."""
    made = trip.desk.offer_of(away.login, visitor.now)
    if made is None:
        return _over(trip, visitor, away)
    try:
        reference = trip.desk.reference(away.device)
        identity = away.relay.redeem_token(token, reference, visitor.now)
    except LoginOverError as error:
        name = "other_device" if error.refusal in _ANOTHERS else "link_over"
        return trip.refuse(visitor, name, 403)
    except RelayError as error:
        return _silent(trip, visitor, made, error)
    return _take(trip, visitor, away, identity)


def _begin(trip: Trip, visitor: Visitor) -> AnyResponse | None:
    """Ask the relay for a login, and let the phone reach WeChat; a page if that fails."""
    parts = wired()
    with parts.database.writing() as session:
        device = devices.find_or_make(session, parts.sealer, visitor.mac, visitor.now)
        may_begin = trip.desk.may_begin(session, device, visitor.now)
    if not may_begin:
        return trip.refuse(visitor, "too_often", 429)
    made = _asked(trip, visitor, device)
    if made is None or not _fits(made):
        return trip.refuse(visitor, "down", 503)
    with parts.database.writing() as session:
        login = trip.desk.keep(session, device, made, visitor.language, visitor.now)
    _log.info("login by WeChat begun", login=login.id, serves=trip.serves, screen=_screen())
    try:
        give(visitor)
    except GateError as error:
        # It can be asked for once more on the page, and mobile data do as well.
        _log.error("the gate gave no pass", reason=str(error))
    return None


def _asked(trip: Trip, visitor: Visitor, device: Device) -> Offer | None:
    parts = wired()
    if parts.wechat is None:
        return None
    try:
        made = parts.wechat.begin(
            reference=trip.desk.reference(device),
            return_url=f"{parts.settings.portal.url.rstrip('/')}{trip.path}/back",
            language=visitor.language,
            ways=entry.wechat_ways(),
            now=visitor.now,
        )
    except RelayError as error:
        _report(error)
        return None
    if made.unavailable:
        closed = {way.value: why.value for way, why in made.unavailable.items()}
        _log.warning("the relay has not every way", **closed)
    return made


def _take(trip: Trip, visitor: Visitor, away: Away, identity: WechatIdentity) -> AnyResponse:
    with wired().database.writing() as session:
        outcome = trip.desk.take(session, away.device, away.login.id, identity, visitor.now)
    _log.info("back from WeChat", login=away.login.id, way=identity.way, outcome=outcome.name)
    if outcome is Outcome.NUMBER_REFUSED:
        return trip.refuse(visitor, "number_refused", 422)
    return trip.settle(visitor, outcome)


def _over(trip: Trip, visitor: Visitor, away: Away) -> AnyResponse:
    with wired().database.writing() as session:
        trip.desk.give_up(session, away.device)
    return trip.refuse(visitor, "over", 200)


def _silent(trip: Trip, visitor: Visitor, made: Offer, error: RelayError) -> AnyResponse:
    _report(error)
    problem = wired().texts.text(visitor.language, "wechat.silent")
    return _away_page(trip, visitor, made, problem=problem, status=503)


def _away_page(
    trip: Trip,
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
        here=trip.path,
        change=trip.change,
        words=trip.words,
        screen=here.value,
        made=made,
        code=_drawn(code) if code and here is not Screen.INSIDE else "",
        followed=followed,
        problem=problem,
        look_again_s=_LOOK_AGAIN_S,
        is_offline=visitor.standing.grant is None,
        offer=offer.shown(visitor) if offer.is_open_to(visitor) else None,
    )


def _drawn(text: str) -> str:
    """A QR code as an address of an image. Light and quiet around it also on dark pages."""
    return segno.make_qr(text, error="m").svg_data_uri(scale=5, border=4, light="#fff")


def _will_do(trip: Trip, visitor: Visitor, pending: Login) -> bool:
    made = trip.desk.offer_of(pending, visitor.now)
    return made is not None and _fits(made)


def _fits(made: Offer) -> bool:
    """Whether anything in it can be used on the screen that asks."""
    here = _screen()
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
