"""Asks headquarters' relay (`doorman hq`) by signed HTTP requests (`core.wechat_relay`)."""

import datetime as dt
import json
import re
import ssl
from collections.abc import Callable, Collection, Mapping
from typing import Any, Never, TypeVar

import httpx
import ulid

from core import link_token, webhook_signature, wechat_relay
from core.phone_number import PhoneNumber
from core.setting_groups.wechat import WechatSettings
from core.settings import SettingsError
from core.wechat_relay import Level, Refusal, Stage, Unavailable, Way
from portal.wechat.shape import (
    LoginOverError,
    Offer,
    PermanentRelayError,
    TemporaryRelayError,
    WechatIdentity,
    WechatRelay,
    WechatWithdrawal,
)

_CONNECT_S = 2.0
_LONGEST_ANSWER_BYTES = 100_000
_TOO_MANY = 429
_WEB = ("https", "http")
_WORD = re.compile(r"[0-9a-f]{1,32}")
_NEVER_LEAVES = {("http", host) for host in ("127.0.0.1", "::1", "localhost")}
_OVER = {Refusal.UNKNOWN, Refusal.EXPIRED, Refusal.USED, Refusal.OTHER_DEVICE}
_MENDS = {
    Refusal.SIGNATURE: "wechat.relay_key must be the key that `doorman hq add-store` printed"
    " for store.id, and the clocks must be right",
    Refusal.FOREIGN_ADDRESS: "portal.url must be one of the addresses given to"
    " `doorman hq add-store`",
}

_T = TypeVar("_T")


def open_relay(found: WechatSettings, store_id: str) -> WechatRelay | None:
    """The relay, or None if none is set; SettingsError if it is set halfway."""
    if not found.relay_url:
        return None
    try:
        key = webhook_signature.read_key(found.relay_key.get_secret_value())
    except ValueError as error:
        raise SettingsError(
            f"wechat.relay_key (or DOORMAN_WECHAT__RELAY_KEY): wechat.relay_url needs one,"
            f" and {error}"
        ) from None
    return HttpRelay(found.relay_url, key, store_id, found.timeout_s)


class HttpRelay:
    """A `WechatRelay` (`portal.wechat.shape`).

    Holds no connection between questions, so it may be made before workers are forked.
    """

    def __init__(self, url: str, key: bytes, store_id: str, timeout_s: float = 8) -> None:
        """SettingsError if personal data would come over a network in the clear."""
        self._url, self._key, self._store_id = _safe(url), key, store_id
        self._timeout = httpx.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s))
        # Reading the authorities' certificates is slow; a connection is not.
        self._tls = ssl.create_default_context()

    def begin(
        self,
        *,
        reference: str,
        return_url: str,
        language: str,
        ways: Collection[Way],
        now: dt.datetime,
    ) -> Offer:
        question = {
            "reference": reference,
            "return_url": return_url,
            "language": language,
            "ways": list(ways),
        }
        return _parsed(_offer, self._ask(wechat_relay.BEGIN, question, now))

    def look(self, login_id: str, now: dt.datetime) -> Stage:
        answer = self._ask(wechat_relay.LOOK, {"login": login_id}, now)
        return _parsed(lambda fields: Stage(fields["stage"]), answer)

    def redeem_token(self, token: str, reference: str, now: dt.datetime) -> WechatIdentity:
        try:
            link_token.check(self._key, token, now)
        except link_token.LinkTokenError as error:
            raise LoginOverError(Refusal.UNKNOWN) from error
        question = {"token": token, "reference": reference}
        return _parsed(_identity, self._ask(wechat_relay.REDEEM, question, now))

    def redeem_login(self, login_id: str, reference: str, now: dt.datetime) -> WechatIdentity:
        question = {"login": login_id, "reference": reference}
        return _parsed(_identity, self._ask(wechat_relay.REDEEM, question, now))

    def withdrawals(self, done: Collection[int], now: dt.datetime) -> list[WechatWithdrawal]:
        answer = self._ask(wechat_relay.WITHDRAWALS, {"done": list(done)}, now)
        return _parsed(_withdrawals, answer)

    def _ask(self, to: str, question: Mapping[str, object], now: dt.datetime) -> dict[str, Any]:
        body = json.dumps({"to": to, **question}, ensure_ascii=False).encode()
        headers = webhook_signature.headers(self._key, str(ulid.ULID()), body, now)
        headers[wechat_relay.STORE_HEADER] = self._store_id
        headers["content-type"] = "application/json"
        try:
            # No proxy from the environment: nobody but headquarters gets to see a token.
            response = httpx.post(
                self._url + to,
                content=body,
                headers=headers,
                timeout=self._timeout,
                verify=self._tls,
                trust_env=False,
                follow_redirects=False,
            )
        except httpx.HTTPError as error:
            sort = type(error).__name__
            raise TemporaryRelayError(f"the relay does not answer ({sort})") from error
        answer = _read(response)
        if response.status_code != 200:  # noqa: PLR2004 - what every answer that is one has
            _refuse(response.status_code, answer)
        return answer


def _parsed(parse: Callable[[dict[str, Any]], _T], answer: dict[str, Any]) -> _T:
    try:
        return parse(answer)
    except (KeyError, TypeError, ValueError, AttributeError):
        # `from None`: the error may quote the answer.
        raise TemporaryRelayError("the relay's answer is not of the agreed form") from None


def _safe(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL()
    near = (parsed.scheme, parsed.host) in _NEVER_LEAVES
    if not parsed.host or not (parsed.scheme == "https" or near):
        raise SettingsError(
            "wechat.relay_url must be https://..., or http:// to this machine (127.0.0.1)"
        )
    return url.rstrip("/")


def _read(response: httpx.Response) -> dict[str, Any]:
    if len(response.content) > _LONGEST_ANSWER_BYTES:
        raise TemporaryRelayError("the relay's answer is too long")
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        answer = None
    return answer if isinstance(answer, dict) else {}


def _refuse(status: int, answer: Mapping[str, Any]) -> Never:
    try:
        refusal = Refusal(str(answer.get("error")))
    except ValueError:
        refusal = None
    if refusal in _OVER:
        raise LoginOverError(refusal)
    if refusal in _MENDS:
        raise PermanentRelayError(_MENDS[refusal])
    if 400 <= status < 500 and status != _TOO_MANY:  # noqa: PLR2004 - our own fault
        raise PermanentRelayError(
            f"the relay refuses with status {status}: wechat.relay_url must be headquarters'"
            " relay, of a version that knows this question"
        )
    raise TemporaryRelayError(f"the relay answers with status {status}")


def _offer(fields: dict[str, Any]) -> Offer:
    ways = fields["ways"]
    program = ways.get(Way.MINI_PROGRAM, {})
    return Offer(
        login_id=_word(fields["login"]),
        match_code=_word(fields["match_code"]),
        expires_at=dt.datetime.fromisoformat(fields["expires_at"]),
        mini_program_scheme=_address(program.get("scheme"), "weixin"),
        mini_program_link=_address(program.get("url_link"), *_WEB),
        follow_qr=_address(ways.get(Way.FOLLOW, {}).get("qr"), *_WEB),
        oauth_url=_address(ways.get(Way.OAUTH, {}).get("url"), *_WEB),
        website_url=_address(ways.get(Way.WEBSITE, {}).get("url"), *_WEB),
        unavailable={
            Way(way): Unavailable(reason) for way, reason in fields["unavailable"].items()
        },
    )


def _word(value: str) -> str:
    if not _WORD.fullmatch(value):
        raise ValueError
    return value


def _address(value: str | None, *schemes: str) -> str | None:
    """An address that may stand in a page: nothing that a browser would run."""
    if value is None or value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        return value
    raise ValueError


def _identity(fields: dict[str, Any]) -> WechatIdentity:
    phone = fields["phone"]
    level = Level(fields["level"])
    if (level is Level.PHONE) != (phone is not None):
        raise ValueError
    return WechatIdentity(
        way=Way(fields["way"]),
        level=level,
        app_id=fields["app_id"],
        openid=fields["openid"],
        unionid=fields["unionid"],
        phone=None if phone is None else PhoneNumber.from_e164(phone),
    )


def _withdrawals(fields: dict[str, Any]) -> list[WechatWithdrawal]:
    return [
        WechatWithdrawal(
            number=row["number"],
            app_id=row["app_id"],
            openid=row["openid"],
            withdrawn_at=dt.datetime.fromisoformat(row["withdrawn_at"]),
        )
        for row in fields["withdrawals"]
    ]
