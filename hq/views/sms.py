"""Codes that stores have sent, and what became of them (`core.headquarters`)."""

from typing import Annotated

from flask import Blueprint
from flask.typing import ResponseReturnValue
from pydantic import Field

from core import headquarters, texts
from hq import question, sms_relay
from hq.parts import wired
from hq.question import Question

bp = Blueprint("sms", __name__)

_MessageId = Annotated[str, Field(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$")]
_Number = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]


class _Code(Question):
    message: _MessageId
    number: _Number
    # Digits alone: nothing that could be read as a text.
    code: Annotated[str, Field(pattern=r"^[0-9]{4,8}$")]
    minutes: Annotated[int, Field(ge=1, le=60)]
    language: Annotated[str, Field(max_length=16)]


class _Receipt(Question):
    message: _MessageId
    number: _Number


@bp.post(headquarters.SMS)
def send() -> ResponseReturnValue:
    parts, now = wired(), wired().clock()
    store, asked = question.take(parts, now, _Code)
    language = texts.preferred(asked.language, "zh")
    wanted = sms_relay.Code(asked.message, asked.number, asked.code, asked.minutes, language)
    return {"outcome": sms_relay.send(parts, store, wanted, now)}


@bp.post(headquarters.SMS_RECEIPT)
def receipt() -> ResponseReturnValue:
    parts, now = wired(), wired().clock()
    store, asked = question.take(parts, now, _Receipt)
    told = sms_relay.receipt(parts, store, asked.message, asked.number, now)
    if told is None:
        return {"receipt": None}
    return {"receipt": {"is_delivered": told.is_delivered, "reason": told.reason}}
