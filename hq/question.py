"""Takes a store's question in: who asks, whether it is new, and of the agreed form."""

import datetime as dt
from typing import ClassVar, TypeVar

from flask import request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, ValidationError

from core import headquarters
from core.webhook_signature import SignatureError
from core.wechat_relay import Refusal
from hq import stores
from hq.models.store import Store
from hq.parts import Parts

_STATUS = {
    Refusal.SIGNATURE: 401,
    Refusal.REPLAY: 409,
    Refusal.MALFORMED: 422,
    Refusal.FOREIGN_ADDRESS: 422,
    Refusal.UNKNOWN: 404,
    Refusal.EXPIRED: 410,
    Refusal.USED: 410,
    Refusal.OTHER_DEVICE: 410,
    Refusal.BUSY: 503,
    Refusal.FAILED: 500,
}


class Question(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    to: str


_Q = TypeVar("_Q", bound=Question)


class RefusedError(Exception):
    """The question comes to nothing."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def refused(error: RefusedError) -> ResponseReturnValue:
    """What the store is answered. To be registered with the application."""
    return {"error": error.refusal.value}, _STATUS[error.refusal]


def take(parts: Parts, now: dt.datetime, kind: type[_Q]) -> tuple[Store, _Q]:
    """Who asks what. In a transaction of its own: what fails later was sent all the same."""
    headers = {name.lower(): value for name, value in request.headers}
    body = request.get_data()
    try:
        with parts.database.writing() as session:
            store = stores.authenticate(
                session,
                parts.sealer,
                headers.get(headquarters.STORE_HEADER, ""),
                headers=headers,
                body=body,
                now=now,
                grace=dt.timedelta(seconds=parts.settings.key_grace_s),
            )
    except stores.ReplayError as error:
        raise RefusedError(Refusal.REPLAY) from error
    except SignatureError as error:
        raise RefusedError(Refusal.SIGNATURE) from error
    try:
        question = kind.model_validate_json(body)
    except ValidationError:
        # `from None`: a validation error carries what was sent.
        raise RefusedError(Refusal.MALFORMED) from None
    if question.to != request.path:
        raise RefusedError(Refusal.SIGNATURE)
    return store, question
