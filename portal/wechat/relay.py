"""Asks headquarters about logins by WeChat (`core.wechat_relay`)."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Never, TypeVar

from core import headquarters_line, link_token, wechat_relay
from core.headquarters_line import HeadquartersDownError, HeadquartersRefusalError, Line
from core.phone_number import PhoneNumber
from core.settings import Settings
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

_TOO_MANY = 429
_WEB = ("https", "http")
_WORD = re.compile(r"[0-9a-f]{1,32}")
_OVER = {Refusal.UNKNOWN, Refusal.EXPIRED, Refusal.USED, Refusal.OTHER_DEVICE}
_MENDS = {
    Refusal.SIGNATURE: "headquarters.key must be the key that `doorman hq add-store` printed"
    " for store.id, and the clocks must be right",
    Refusal.FOREIGN_ADDRESS: "portal.url must be one of the addresses given to"
    " `doorman hq add-store`",
}

_T = TypeVar("_T")


def open_relay(found: Settings) -> WechatRelay | None:
    """The relay; None if the store has no headquarters, or offers no login by WeChat."""
    line = headquarters_line.open_line(found.headquarters, found.store.id)
    return HttpRelay(line) if line and found.wechat.ways else None


class HttpRelay:
    """A `WechatRelay` (`portal.wechat.shape`)."""

    def __init__(self, line: Line) -> None:
        self._line = line

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
            link_token.check(self._line.key, token, now)
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
        try:
            return self._line.ask(to, question, now)
        except HeadquartersDownError as error:
            raise TemporaryRelayError(str(error)) from error
        except HeadquartersRefusalError as error:
            _refuse(error)


def _parsed(parse: Callable[[dict[str, Any]], _T], answer: dict[str, Any]) -> _T:
    try:
        return parse(answer)
    except (KeyError, TypeError, ValueError, AttributeError):
        # `from None`: the error may quote the answer.
        raise TemporaryRelayError("headquarters' answer is not of the agreed form") from None


def _refuse(error: HeadquartersRefusalError) -> Never:
    try:
        refusal = Refusal(error.word)
    except ValueError:
        refusal = None
    if refusal in _OVER:
        raise LoginOverError(refusal) from error
    if refusal in _MENDS:
        raise PermanentRelayError(_MENDS[refusal]) from error
    if 400 <= error.status < 500 and error.status != _TOO_MANY:  # noqa: PLR2004 - our own fault
        raise PermanentRelayError(
            f"headquarters refuses with status {error.status}: headquarters.url must be"
            " `doorman hq`, of a version that knows this question"
        ) from error
    raise TemporaryRelayError(str(error)) from error


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
