"""WeChat's callbacks of the official account (消息与事件推送), in plain text or safe mode."""

import datetime as dt
import secrets
from collections.abc import Mapping

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from core.log import Log
from hq.parts import Parts, wired
from hq.wechat import message as xml
from hq.wechat.envelope import EnvelopeError, check_signature, signature
from hq.wechat.tokens import App

bp = Blueprint("callback", __name__)

# WeChat sends again within 15 seconds; the rest is for clocks that differ.
_TOLERANCE = dt.timedelta(minutes=10)
_NOTHING = "success"

_log = Log("hq")


@bp.get("/wechat/callback")
def confirm() -> ResponseReturnValue:
    """What WeChat asks when the address is entered in its console."""
    _check(wired())
    return Response(request.args.get("echostr", ""), mimetype="text/plain")


@bp.post("/wechat/callback")
def take() -> ResponseReturnValue:
    parts, now = wired(), wired().clock()
    account = _check(parts)
    try:
        message = _opened(parts, xml.read(request.get_data()))
        received = {name: message[name] for name in ("FromUserName", "ToUserName")}
    except (EnvelopeError, xml.MessageError, KeyError) as error:
        _log.warning("a callback is not to be read", sort=type(error).__name__)
        abort(400)
    with parts.database.writing() as session:
        text = parts.desk(account).answer(session, message, now)
    if text is None:
        return Response(_NOTHING, mimetype="text/plain")
    reply = xml.write(
        {
            "ToUserName": received["FromUserName"],
            "FromUserName": received["ToUserName"],
            "CreateTime": int(now.timestamp()),
            "MsgType": "text",
            "Content": text,
        }
    )
    return Response(_sealed(parts, reply, now), mimetype="application/xml")


def _check(parts: Parts) -> App:
    """The account that is set up; ends whatever WeChat has not signed, or not lately."""
    account = parts.official_account
    if account is None:
        abort(404)
    timestamp, nonce = (request.args.get(name, "") for name in ("timestamp", "nonce"))
    try:
        age = parts.clock() - dt.datetime.fromtimestamp(int(timestamp), dt.UTC)
        check_signature(request.args.get("signature", ""), _token(parts), timestamp, nonce)
    except (EnvelopeError, ValueError, OverflowError, OSError):
        abort(403)
    if abs(age) > _TOLERANCE:
        abort(403)
    return account


def _opened(parts: Parts, outer: Mapping[str, str]) -> Mapping[str, str]:
    """In safe mode the inner message: whatever else stands beside it is not signed."""
    if parts.envelope is None:
        return outer
    sealed = outer.get("Encrypt", "")
    timestamp, nonce = request.args["timestamp"], request.args["nonce"]
    check_signature(request.args.get("msg_signature", ""), _token(parts), timestamp, nonce, sealed)
    return xml.read(parts.envelope.open(sealed))


def _sealed(parts: Parts, reply: bytes, now: dt.datetime) -> bytes:
    if parts.envelope is None:
        return reply
    sealed, timestamp, nonce = parts.envelope.seal(reply), str(int(now.timestamp())), _nonce()
    return xml.write(
        {
            "Encrypt": sealed,
            "MsgSignature": signature(_token(parts), timestamp, nonce, sealed),
            "TimeStamp": int(timestamp),
            "Nonce": nonce,
        }
    )


def _nonce() -> str:
    return secrets.token_hex(8)


def _token(parts: Parts) -> str:
    return parts.settings.official_account.callback_token.get_secret_value()
