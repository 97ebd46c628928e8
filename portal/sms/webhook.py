"""Sends text messages by a signed HTTP request to whatever the chain runs for it.

    POST <sms.webhook.url>   {"to": "+86…", "text": "…", "code": "123456", "language": "zh"}

signed by the Standard Webhooks scheme (`core.webhook_signature`). Any 2xx means taken; 422 that
this number cannot be reached, 429 that it has had too many; any other 4xx that something is set
up wrong; all else that it may work later.
"""

import datetime as dt
import json

import ulid

from core import webhook_signature
from portal.sms.shape import (
    CarrierDownError,
    CarrierSetUpError,
    NumberBusyError,
    NumberRefusedError,
    SmsError,
    SmsMessage,
)
from portal.sms.wire import Wire

_ANSWERS: dict[int, type[SmsError]] = {422: NumberRefusedError, 429: NumberBusyError}


class WebhookSms:
    def __init__(self, url: str, key: bytes, wire: Wire) -> None:
        self._url = url
        self._key = key
        self._wire = wire

    def send(self, message: SmsMessage, now: dt.datetime) -> str:
        body = json.dumps(
            {
                "to": message.to.e164(),
                "text": message.text,
                "code": message.code,
                "language": message.language,
            },
            ensure_ascii=False,
        ).encode()
        message_id = str(ulid.ULID())
        headers = webhook_signature.headers(self._key, message_id, body, now)
        headers["content-type"] = "application/json"
        _judge(self._wire.post(self._url, body, headers).status_code)
        return message_id


def _judge(status: int) -> None:
    if 200 <= status < 300:  # noqa: PLR2004 - the class of statuses that mean success
        return
    usual = CarrierSetUpError if 400 <= status < 500 else CarrierDownError  # noqa: PLR2004 - the sender's fault
    raise _ANSWERS.get(status, usual)(f"refused with status {status}")
