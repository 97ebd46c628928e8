"""My data for whoever is known by WeChat: the same way to WeChat and back as for a login."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from core.models.login import Serves
from core.wechat_relay import TOKEN_PARAMETER
from portal import page
from portal.my_data import fresh_proof
from portal.views import entry, my_data_proof, wechat_trip
from portal.views.my_data_proof import PATHS
from portal.views.wechat_trip import Away, Trip
from portal.visitor import Visitor, arrive, wired
from portal.wechat.desk import Outcome

bp = Blueprint("my_data_wechat", __name__)

_HERE = PATHS[Serves.MY_DATA]


@bp.post("/my-data/wechat")
def begin() -> ResponseReturnValue:
    visitor, pending = arrive(), None
    if not entry.wechat_ways():
        return page.go(_HERE, visitor)
    device = visitor.standing.device
    if device is not None:
        with wired().database.reading() as session:
            if fresh_proof.of(session, device, visitor.now) is not None:
                return page.go(_HERE, visitor)
            pending = fresh_proof.away(session, device, visitor.now)
    return wechat_trip.begin(_TRIP, visitor, pending)


@bp.get("/my-data/wechat")
def show() -> ResponseReturnValue:
    visitor, relay = arrive(), wired().wechat
    device = visitor.standing.device
    if device is None or relay is None:
        return page.go(_HERE, visitor)
    with wired().database.reading() as session:
        login = fresh_proof.away(session, device, visitor.now)
    if login is None:
        return page.go(_HERE, visitor)
    return wechat_trip.look(_TRIP, visitor, Away(device, login, relay))


@bp.get("/my-data/wechat/back")
def come_back() -> ResponseReturnValue:
    """With a token, or without one from a page that refused."""
    visitor, relay = arrive(), wired().wechat
    device, token = visitor.standing.device, request.args.get(TOKEN_PARAMETER)
    if relay is None or not token:
        return page.go(_HERE, visitor)
    if device is None:
        return _refuse(visitor, "other_device", 403)
    with wired().database.reading() as session:
        is_proven = fresh_proof.of(session, device, visitor.now) is not None
        login = fresh_proof.away(session, device, visitor.now)
    if is_proven:
        # The same link, tapped again.
        return page.go(_HERE, visitor)
    if login is None:
        return _refuse(visitor, "other_device", 403)
    return wechat_trip.come_back(_TRIP, visitor, Away(device, login, relay), token)


def _refuse(visitor: Visitor, name: str, status: int) -> AnyResponse:
    problem = wired().texts.text(visitor.language, f"my_data_wechat.{name}")
    return my_data_proof.ask_page(visitor, problem=problem, status=status)


def _settle(visitor: Visitor, _outcome: Outcome) -> AnyResponse:
    return page.go(_HERE, visitor)


_TRIP = Trip(
    serves=Serves.MY_DATA,
    path=f"{_HERE}/wechat",
    change=f"{_HERE}?change=1",
    words="my_data_wechat",
    refuse=_refuse,
    settle=_settle,
)
