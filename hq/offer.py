"""What a portal shows so that a shopper can log in by WeChat, for each way."""

import datetime as dt
from collections.abc import Iterable
from typing import assert_never
from urllib.parse import quote, urlencode

from core.log import Log
from core.wechat_relay import Unavailable, Way
from hq.followers import scene_of
from hq.models.wechat_login import WechatLogin
from hq.parts import Parts
from hq.wechat.errors import PermanentWechatError, WechatError
from hq.wechat.tokens import App

OAUTH_PATH = "/wechat/oauth"
WEBSITE_PATH = "/wechat/website"

_log = Log("hq")


def offer(
    parts: Parts, login: WechatLogin, ways: Iterable[Way]
) -> tuple[dict[Way, dict[str, str]], dict[Way, Unavailable]]:
    """The ways that are open, with what each shows; and why the others are not."""
    shown: dict[Way, dict[str, str]] = {}
    closed: dict[Way, Unavailable] = {}
    for way in ways:
        try:
            made = _made(parts, login, way)
        except WechatError as error:
            closed[way] = report(error, way)
        else:
            if made is None:
                closed[way] = Unavailable.NOT_SET
            else:
                shown[way] = made
    return shown, closed


def report(error: WechatError, way: Way) -> Unavailable:
    """Log what WeChat answered, with the mend if somebody has to see to it."""
    if isinstance(error, PermanentWechatError):
        _log.error("WeChat refuses", way=way, number=error.number, mend=error.mend)
        return Unavailable.FAULTY
    _log.warning("WeChat gives no result", way=way, sort=type(error).__name__, reason=str(error))
    return Unavailable.BUSY


def _made(parts: Parts, login: WechatLogin, way: Way) -> dict[str, str] | None:
    public = parts.settings.public_url
    match way:
        case Way.MINI_PROGRAM:
            return _mini_program(parts, login) if parts.mini_program else None
        case Way.FOLLOW:
            account = parts.official_account
            return _follow(parts, account, login) if account and public else None
        case Way.OAUTH:
            if not (parts.official_account and public):
                return None
            return {"url": _oauth(parts, parts.official_account, login)}
        case Way.WEBSITE:
            if not (parts.website and public):
                return None
            return {"url": _website(parts, parts.website, login)}
    assert_never(way)


def _mini_program(parts: Parts, login: WechatLogin) -> dict[str, str]:
    """A plain scheme (明文 scheme) needs no call to WeChat; a link does."""
    app, settings = parts.mini_program, parts.settings.mini_program
    query = f"login={login.id}"
    fields = {
        "appid": settings.app_id,
        "path": settings.path,
        "query": query,
        "env_version": settings.version,
    }
    made = {"scheme": f"weixin://dl/business/?{urlencode(fields, quote_via=quote)}"}
    if app and settings.url_link:
        try:
            made["url_link"] = parts.wechat.url_link(app, settings.path, query, settings.version)
        except WechatError as error:
            # The scheme still works.
            report(error, Way.MINI_PROGRAM)
    return made


def _follow(parts: Parts, account: App, login: WechatLogin) -> dict[str, str]:
    lasts = login.expires_at - login.begun_at
    seconds = lasts // dt.timedelta(seconds=1)
    return {"qr": parts.wechat.follow_qr(account, scene_of(login.id), seconds)}


def _oauth(parts: Parts, account: App, login: WechatLogin) -> str:
    fields = _authorisation(parts, account, login, OAUTH_PATH, "snsapi_base")
    return f"{parts.settings.wechat_open_url}/connect/oauth2/authorize?{fields}"


def _website(parts: Parts, app: App, login: WechatLogin) -> str:
    fields = _authorisation(parts, app, login, WEBSITE_PATH, "snsapi_login")
    return f"{parts.settings.wechat_open_url}/connect/qrconnect?{fields}"


def _authorisation(parts: Parts, app: App, login: WechatLogin, path: str, scope: str) -> str:
    # In WeChat's order, and with its fragment: it turns others away.
    fields = {
        "appid": app.app_id,
        "redirect_uri": parts.settings.public_url + path,
        "response_type": "code",
        "scope": scope,
        "state": login.id,
    }
    return f"{urlencode(fields)}#wechat_redirect"
