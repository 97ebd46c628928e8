"""Where browsers come back to from WeChat's pages: inside WeChat, and on laptops."""

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from core import texts
from core.wechat_relay import Way
from hq import logins
from hq.models.wechat_login import WechatLogin
from hq.offer import OAUTH_PATH, WEBSITE_PATH, report
from hq.page import message
from hq.parts import Parts, wired
from hq.wechat.api import User
from hq.wechat.errors import PermanentWechatError, RefusedCodeError, WechatError
from hq.wechat.tokens import App

bp = Blueprint("authorisation", __name__)


@bp.get(OAUTH_PATH)
def oauth() -> ResponseReturnValue:
    return _come_back(wired(), Way.OAUTH, wired().official_account)


@bp.get(WEBSITE_PATH)
def website() -> ResponseReturnValue:
    return _come_back(wired(), Way.WEBSITE, wired().website)


def _come_back(parts: Parts, way: Way, app: App | None) -> ResponseReturnValue:
    """Lead back to the store's portal with a token, or say what to do."""
    if app is None:
        abort(404)
    state, code = request.args.get("state", ""), request.args.get("code", "")
    try:
        with parts.database.writing() as session:
            login = logins.use_state(session, state, parts.clock())
    except logins.LoginError:
        language = texts.preferred(request.headers.get("Accept-Language"), "zh")
        return message("over", language, 410)
    # Who says no on WeChat's page comes back with the state alone.
    if not code:
        return message("refused", login.language, 403, login.return_url)
    try:
        user = parts.wechat.authorised_user(app, code)
    except WechatError as error:
        return _without_result(error, way, login)
    if user.is_snapshot:
        return _turn_away_snapshot(parts, login)
    return _lead_back(parts, way, app, login, user)


def _lead_back(
    parts: Parts, way: Way, app: App, login: WechatLogin, user: User
) -> ResponseReturnValue:
    identity = logins.Identity(way, app.app_id, user.openid, user.unionid)
    with parts.database.writing() as session:
        link = logins.prove(session, parts.sealer, login, identity, parts.clock())
    return redirect(link, code=302)


def _turn_away_snapshot(parts: Parts, login: WechatLogin) -> ResponseReturnValue:
    # The full service opens the same address again, with a code of somebody real.
    with parts.database.writing() as session:
        logins.give_back_state(session, login.id)
    return message("snapshot", login.language, 403, login.return_url)


def _without_result(error: WechatError, way: Way, login: WechatLogin) -> ResponseReturnValue:
    if isinstance(error, RefusedCodeError):
        return message("over", login.language, 410, login.return_url)
    report(error, way)
    if isinstance(error, PermanentWechatError):
        return message("failed", login.language, 500, login.return_url)
    return message("again", login.language, 503, login.return_url)
