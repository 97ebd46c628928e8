"""Sends text messages by a signed HTTP request to whatever the chain runs for it.

    POST <sms.url>   {"to": "+86…", "text": "…", "code": "123456", "language": "zh"}

signed by the Standard Webhooks scheme (`core.webhook_signature`). Any 2xx means taken.
"""

import datetime as dt
import json
import ssl

import httpx
import ulid

from core import webhook_signature
from portal.sms.shape import PermanentSmsError, SmsMessage, TemporarySmsError

# A worker does nothing else meanwhile, and a shopper waits: be short.
_CONNECT_S = 2.0
_ANSWER_S = 5.0
_TOO_MANY = 429


class WebhookSms:
    """Holds no connection between messages, so it may be made before workers are forked."""

    def __init__(self, url: str, key: bytes, answer_s: float = _ANSWER_S) -> None:
        self._url = url
        self._key = key
        self._timeout = httpx.Timeout(answer_s, connect=_CONNECT_S)
        # Reading the authorities' certificates is slow; a connection is not.
        self._tls = ssl.create_default_context()

    def send(self, message: SmsMessage, now: dt.datetime) -> None:
        body = json.dumps(
            {
                "to": message.to.e164(),
                "text": message.text,
                "code": message.code,
                "language": message.language,
            },
            ensure_ascii=False,
        ).encode()
        headers = webhook_signature.headers(self._key, str(ulid.ULID()), body, now)
        headers["content-type"] = "application/json"
        try:
            # No proxy from the environment: nobody but the carrier gets to see a code.
            status = httpx.post(
                self._url,
                content=body,
                headers=headers,
                timeout=self._timeout,
                verify=self._tls,
                trust_env=False,
            ).status_code
        except httpx.HTTPError as error:
            raise TemporarySmsError(
                f"the SMS service did not answer ({type(error).__name__})"
            ) from error
        _judge(status)


def _judge(status: int) -> None:
    if 200 <= status < 300:  # noqa: PLR2004 - the class of statuses that mean success
        return
    if 400 <= status < 500 and status != _TOO_MANY:  # noqa: PLR2004 - the sender's fault
        raise PermanentSmsError(f"the SMS service refused with status {status}")
    raise TemporarySmsError(f"the SMS service answered with status {status}")
