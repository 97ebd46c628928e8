"""What our mini-program asks: which login it was opened for, and to prove the phone number."""

from typing import Annotated, ClassVar

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.wechat_relay import Refusal, Way
from hq import logins
from hq.offer import report
from hq.parts import wired
from hq.wechat.errors import PermanentWechatError, RefusedCodeError, WechatError

bp = Blueprint("mini_program", __name__, url_prefix="/wechat/mini-program")

_Code = Annotated[str, Field(min_length=1, max_length=512)]
_STATUS = {Refusal.BUSY: 503, Refusal.FAILED: 500, Refusal.MALFORMED: 422}


class _Greeting(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    login: Annotated[str, Field(max_length=64)]


class _Proof(_Greeting):
    login_code: _Code
    """Of `wx.login`."""
    phone_code: _Code
    """Of a button with `open-type="getPhoneNumber"`."""


@bp.errorhandler(logins.LoginError)
def _refuse(error: logins.LoginError) -> ResponseReturnValue:
    return {"error": error.refusal.value}, _STATUS.get(error.refusal, 410)


@bp.errorhandler(ValidationError)
def _malformed(_error: ValidationError) -> ResponseReturnValue:
    return {"error": Refusal.MALFORMED.value}, 422


@bp.post("/greet")
def greet() -> ResponseReturnValue:
    """What the page shows, so that shoppers see that they confirm their own login."""
    parts, asked = wired(), _Greeting.model_validate_json(request.get_data())
    with parts.database.reading() as session:
        login = logins.running(session, asked.login, parts.clock())
        return {"match_code": login.match_code, "language": login.language}


@bp.post("/prove")
def prove() -> ResponseReturnValue:
    parts, sent = wired(), _Proof.model_validate_json(request.get_data())
    app = parts.mini_program
    if app is None:
        raise logins.LoginError(Refusal.UNKNOWN)
    with parts.database.writing() as session:
        logins.attempt(session, sent.login, parts.clock())
    try:
        user = parts.wechat.mini_program_user(app, sent.login_code)
        phone = parts.wechat.phone(app, sent.phone_code)
    except RefusedCodeError as error:
        report(error, Way.MINI_PROGRAM)
        raise logins.LoginError(Refusal.USED) from error
    except WechatError as error:
        report(error, Way.MINI_PROGRAM)
        faulty = isinstance(error, PermanentWechatError)
        raise logins.LoginError(Refusal.FAILED if faulty else Refusal.BUSY) from error
    identity = logins.Identity(Way.MINI_PROGRAM, app.app_id, user.openid, user.unionid, phone)
    with parts.database.writing() as session:
        login = logins.running(session, sent.login, parts.clock())
        logins.prove_at_once(session, parts.sealer, login, identity, parts.clock())
    return {"stage": "proved"}
