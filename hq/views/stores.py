"""What stores ask about logins by WeChat (`core.wechat_relay`)."""

import datetime as dt
from typing import Annotated

from flask import Blueprint
from flask.typing import ResponseReturnValue
from pydantic import Field
from sqlalchemy.orm import Session

from core import texts, wechat_relay
from core.wechat_relay import Refusal, Unavailable, Way
from hq import followers, logins, question
from hq.models.store import Store
from hq.offer import offer, report
from hq.parts import Parts, wired
from hq.question import Question, RefusedError
from hq.wechat.errors import WechatError

bp = Blueprint("stores", __name__)

_Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_Number = Annotated[int, Field(ge=0, lt=2**63)]
_LoginId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class _Begin(Question):
    reference: _Reference
    return_url: Annotated[str, Field(max_length=500)]
    language: Annotated[str, Field(max_length=16)]
    ways: Annotated[list[Way], Field(min_length=1, max_length=4)]


class _Look(Question):
    login: _LoginId


class _Redeem(Question):
    reference: _Reference
    token: Annotated[str, Field(max_length=64)] | None = None
    login: _LoginId | None = None


class _Withdrawals(Question):
    done: Annotated[list[_Number], Field(max_length=100)]
    """What the store has seen to: to be deleted here."""


@bp.errorhandler(logins.LoginError)
def _refuse(error: logins.LoginError) -> ResponseReturnValue:
    return question.refused(RefusedError(error.refusal))


@bp.post(wechat_relay.BEGIN)
def begin() -> ResponseReturnValue:
    parts, now = wired(), wired().clock()
    store, asked = question.take(parts, now, _Begin)
    with parts.database.writing() as session:
        login = logins.begin(
            session,
            store,
            reference=asked.reference,
            return_url=asked.return_url,
            language=texts.preferred(asked.language, "zh"),
            lasts=dt.timedelta(seconds=parts.settings.login_s),
            most_a_minute=parts.settings.logins_per_store_minute,
            now=now,
        )
    # The transaction is over: WeChat may be slow, and nobody shall wait for its lock.
    shown, closed = offer(parts, login, dict.fromkeys(asked.ways))
    if not shown and Unavailable.BUSY in closed.values():
        raise RefusedError(Refusal.BUSY)
    return {
        "login": login.id,
        "match_code": login.match_code,
        "expires_at": login.expires_at.isoformat(),
        "ways": shown,
        "unavailable": closed,
    }


@bp.post(wechat_relay.LOOK)
def look() -> ResponseReturnValue:
    parts, now = wired(), wired().clock()
    store, asked = question.take(parts, now, _Look)
    with parts.database.reading() as session:
        return {"stage": logins.stage(session, store, asked.login, now)}


@bp.post(wechat_relay.REDEEM)
def redeem() -> ResponseReturnValue:
    parts, now = wired(), wired().clock()
    store, asked = question.take(parts, now, _Redeem)
    with parts.database.writing() as session:
        identity = _redeemed(parts, session, store, asked, now)
        followers.bind(session, parts.sealer, store, identity, now)
    return {
        "way": identity.way,
        "level": identity.level,
        "app_id": identity.app_id,
        "openid": identity.openid,
        "unionid": identity.unionid or _unionid(parts, identity),
        "phone": identity.phone,
    }


@bp.post(wechat_relay.WITHDRAWALS)
def withdrawals() -> ResponseReturnValue:
    parts, now = wired(), wired().clock()
    store, asked = question.take(parts, now, _Withdrawals)
    with parts.database.writing() as session:
        return {
            "withdrawals": followers.withdrawals(session, parts.sealer, store, asked.done),
        }


def _redeemed(
    parts: Parts, session: Session, store: Store, asked: _Redeem, now: dt.datetime
) -> logins.Identity:
    if (asked.token is None) == (asked.login is None):
        raise RefusedError(Refusal.MALFORMED)
    if asked.token is not None:
        return logins.redeem_token(
            session, parts.sealer, store, asked.token, reference=asked.reference, now=now
        )
    return logins.redeem_login(
        session, parts.sealer, store, asked.login or "", reference=asked.reference, now=now
    )


def _unionid(parts: Parts, identity: logins.Identity) -> str | None:
    """The callbacks and `snsapi_base` leave it out; of followers WeChat tells it on request.

    Without it the login goes on: the member is known by app id and openid then.
    """
    account = parts.official_account
    if account is None or identity.app_id != account.app_id:
        return None
    try:
        return parts.wechat.follower_unionid(account, identity.openid)
    except WechatError as error:
        report(error, identity.way)
        return None
