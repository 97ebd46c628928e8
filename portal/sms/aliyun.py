"""Aliyun SMS (短信服务), API version 2017-05-25: SendSms, QuerySendDetails.

Requests are signed by ACS3-HMAC-SHA256 (Aliyun, "V3 request body and signature"). What
fails by Aliyun's rules is answered with status 200 and a `Code` other than `OK`.
"""

import datetime as dt
import hashlib
import hmac
import json
import secrets
import zoneinfo
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from core.phone_number import PhoneNumber
from core.setting_groups.sms import AliyunSettings
from portal.sms.shape import (
    CarrierDownError,
    CarrierSetUpError,
    NumberBusyError,
    NumberRefusedError,
    Receipt,
    SmsError,
    SmsMessage,
)
from portal.sms.wire import Wire, json_object

_VERSION = "2017-05-25"
_ALGORITHM = "ACS3-HMAC-SHA256"
# By Aliyun's table of error codes for SendSms. What is not here must be set right by somebody.
_CODES: dict[str, type[SmsError]] = {
    "isv.BUSINESS_LIMIT_CONTROL": NumberBusyError,
    "isv.MOBILE_NUMBER_ILLEGAL": NumberRefusedError,
    "isv.MOBILE_COUNT_OVER_LIMIT": NumberRefusedError,
    "isv.BLACK_KEY_CONTROL_LIMIT": NumberRefusedError,
    "isp.SYSTEM_ERROR": CarrierDownError,
    "isp.GATEWAY_ERROR": CarrierDownError,
}
# Of any action: too many requests, or a fault inside. What follows the dot varies.
_DOWN = ("Throttling", "ServiceUnavailable", "InternalError")
# Days of the send date are Aliyun's.
_ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
_FAILED, _DELIVERED = 2, 3


class AliyunSms:
    def __init__(self, found: AliyunSettings, wire: Wire) -> None:
        self._found = found
        self._wire = wire

    def send(self, message: SmsMessage, now: dt.datetime) -> str:
        said = self._ask(
            "SendSms",
            {
                "PhoneNumbers": _number(message.to),
                "SignName": self._found.sign_name,
                "TemplateCode": self._found.template_code,
                "TemplateParam": json.dumps({"code": message.code}),
            },
            now,
        )
        return str(said.get("BizId", ""))

    def receipt(
        self, message_id: str, to: PhoneNumber, sent_at: dt.datetime, now: dt.datetime
    ) -> Receipt | None:
        said = self._ask(
            "QuerySendDetails",
            {
                "PhoneNumber": _number(to),
                "BizId": message_id,
                "SendDate": sent_at.astimezone(_ZONE).strftime("%Y%m%d"),
                "PageSize": "1",
                "CurrentPage": "1",
            },
            now,
        )
        for each in _details(said):
            if each.get("SendStatus") in {_FAILED, _DELIVERED}:
                reason = str(each.get("ErrCode", ""))
                return Receipt(each["SendStatus"] == _DELIVERED, reason)
        return None

    def _ask(self, action: str, query: Mapping[str, str], now: dt.datetime) -> dict[str, object]:
        host = urlsplit(self._found.url).netloc
        headers = {
            "host": host,
            "x-acs-action": action,
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
            "x-acs-date": now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-version": _VERSION,
        }
        secret = self._found.access_key_secret.get_secret_value()
        headers["authorization"] = authorization(
            self._found.access_key_id, secret, _canonical_query(query), headers
        )
        url = f"{self._found.url}/?{_canonical_query(query)}"
        said = json_object(self._wire.post(url, b"", headers))
        code = str(said.get("Code", ""))
        if code != "OK":
            sort = CarrierDownError if code.startswith(_DOWN) else CarrierSetUpError
            raise _CODES.get(code, sort)(f"Aliyun says {code or 'nothing'} to {action}")
        return said


def authorization(key_id: str, secret: str, query: str, headers: Mapping[str, str]) -> str:
    """The `Authorization` header of a POST to `/` without a body.

    Args:
        key_id: of the access key.
        secret: its secret.
        query: canonical: sorted, RFC 3986.
        headers: all of them are signed; names in lower case.
    """
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    digest = headers["x-acs-content-sha256"]
    canonical = f"POST\n/\n{query}\n{lines}\n{names}\n{digest}"
    signed = f"{_ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return f"{_ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"


def _canonical_query(query: Mapping[str, str]) -> str:
    pairs = (f"{quote(key, safe='~')}={quote(query[key], safe='~')}" for key in sorted(query))
    return "&".join(pairs)


def _number(phone: PhoneNumber) -> str:
    """As Aliyun writes it: without +86, and without the + of other countries."""
    return phone.e164().removeprefix("+86").removeprefix("+")


def _details(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = said.get("SmsSendDetailDTOs", {})
    found = listed.get("SmsSendDetailDTO", []) if isinstance(listed, dict) else []
    return [each for each in found if isinstance(each, dict)]
