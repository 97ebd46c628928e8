"""The calls of WeChat's programming interface that a login needs, each one's answer parsed."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from hq.wechat.errors import (
    MENDS,
    PermanentWechatError,
    RefusedCodeError,
    StaleTokenError,
    TemporaryWechatError,
)
from hq.wechat.tokens import App, Tokens
from hq.wechat.transport import Transport, text

_E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class User:
    """Somebody as one app of ours knows them. Hides itself when printed."""

    openid: str
    unionid: str | None
    is_snapshot: bool = False
    """WeChat showed its snapshot page: the ids are made up, and mean nobody."""

    def __repr__(self) -> str:
        return "User(hidden)"


class WechatApi:
    """Every method raises WechatError (`hq.wechat.errors`) when there is no result."""

    def __init__(self, transport: Transport, tokens: Tokens) -> None:
        self._transport = transport
        self._tokens = tokens

    def mini_program_user(self, app: App, code: str) -> User:
        """Whose `wx.login` gave `code` (sns/jscode2session). Good once, for five minutes."""
        return _user(
            self._transport.get(
                "/sns/jscode2session",
                {
                    "appid": app.app_id,
                    "secret": app.secret,
                    "js_code": code,
                    "grant_type": "authorization_code",
                },
            )
        )

    def authorised_user(self, app: App, code: str) -> User:
        """Who came back with `code` (sns/oauth2/access_token). Good once, for five minutes."""
        return _user(
            self._transport.get(
                "/sns/oauth2/access_token",
                {
                    "appid": app.app_id,
                    "secret": app.secret,
                    "code": code,
                    "grant_type": "authorization_code",
                },
            )
        )

    def phone(self, app: App, code: str) -> str:
        """The verified number, E.164, that a shopper's tap gave `code` for. Each costs money."""
        answer = self._post(app, "/wxa/business/getuserphonenumber", {"code": code})
        match answer.get("phone_info"):
            case {
                "purePhoneNumber": str(number),
                "countryCode": str() | int() as country,
                "watermark": {"appid": app.app_id},
            }:
                e164 = f"+{country}{number}"
            case _:
                raise TemporaryWechatError("WeChat's answer lacks phone_info")
        if not _E164.fullmatch(e164):
            raise RefusedCodeError("WeChat's number is none")
        return e164

    def follow_qr(self, app: App, scene: str, lasts_s: int) -> str:
        """What a QR code has to say so that whoever scans it follows, with `scene`."""
        answer = self._post(
            app,
            "/cgi-bin/qrcode/create",
            {
                "expire_seconds": lasts_s,
                "action_name": "QR_STR_SCENE",
                "action_info": {"scene": {"scene_str": scene}},
            },
        )
        return text(answer, "url")

    def url_link(self, app: App, path: str, query: str, version: str) -> str:
        """An https address that opens the mini-program; of 500,000 a day. Lasts a day, since
        WeChat counts links by days; the login in it ends much sooner.
        """
        answer = self._post(
            app,
            "/wxa/generate_urllink",
            {
                "path": path,
                "query": query,
                "env_version": version,
                "expire_type": 1,
                "expire_interval": 1,
            },
        )
        return text(answer, "url_link")

    def follower_unionid(self, app: App, openid: str) -> str | None:
        """The id common to all accounts of the owner, if they are bound to one another."""
        token = self._tokens.current(app)
        query = {"access_token": token, "openid": openid, "lang": "zh_CN"}
        try:
            answer = self._transport.get("/cgi-bin/user/info", query)
        except StaleTokenError:
            query["access_token"] = self._tokens.replacement(app, token)
            answer = self._transport.get("/cgi-bin/user/info", query)
        return _optional(answer, "unionid")

    def _post(self, app: App, path: str, body: Mapping[str, object]) -> Mapping[str, Any]:
        token = self._tokens.current(app)
        try:
            return self._transport.post(path, body, {"access_token": token})
        except StaleTokenError:
            token = self._tokens.replacement(app, token)
        try:
            return self._transport.post(path, body, {"access_token": token})
        except StaleTokenError as error:
            raise PermanentWechatError(
                "WeChat refuses every token", error.number, MENDS[40001]
            ) from None


def _user(answer: Mapping[str, Any]) -> User:
    return User(
        text(answer, "openid"), _optional(answer, "unionid"), answer.get("is_snapshotuser") == 1
    )


def _optional(answer: Mapping[str, Any], name: str) -> str | None:
    value = answer.get(name)
    return value if isinstance(value, str) and value else None
