"""Tencent Cloud SMS (腾讯云短信), API version 2021-01-11: SendSms, PullSmsSendStatusByPhoneNumber.

Requests are signed by TC3-HMAC-SHA256 (Tencent Cloud, "Signature v3"). Every answer has
status 200; what fails is in `Response.Error`, or in the status of the one number asked for.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from core.phone_number import PhoneNumber
from core.setting_groups.sms import TencentSettings
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

_VERSION = "2021-01-11"
_SERVICE = "sms"
_ALGORITHM = "TC3-HMAC-SHA256"
_CONTENT_TYPE = "application/json"
# By Tencent's table of error codes; beginnings of them, the longest that fits counts.
# What is not here must be set right by somebody.
_CODES: dict[str, type[SmsError]] = {
    "LimitExceeded.PhoneNumber": NumberBusyError,
    "LimitExceeded.DeliveryFrequencyLimit": NumberBusyError,
    "InvalidParameterValue.IncorrectPhoneNumber": NumberRefusedError,
    "FailedOperation.PhoneNumberInBlacklist": NumberRefusedError,
    "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber": NumberRefusedError,
    "RequestLimitExceeded": CarrierDownError,
    "InternalError": CarrierDownError,
    "FailedOperation.FailResolvePacket": CarrierDownError,
}


class TencentSms:
    def __init__(self, found: TencentSettings, wire: Wire) -> None:
        self._found = found
        self._wire = wire

    def send(self, message: SmsMessage, now: dt.datetime) -> str:
        values = {"code": message.code, "minutes": str(message.minutes)}
        said = self._ask(
            "SendSms",
            {
                "PhoneNumberSet": [message.to.e164()],
                "SmsSdkAppId": self._found.app_id,
                "SignName": self._found.sign_name,
                "TemplateId": self._found.template_id,
                "TemplateParamSet": [values[name] for name in self._found.template_values],
            },
            now,
        )
        status = _only(said, "SendStatusSet")
        if status.get("Code") != "Ok":
            raise _fault(str(status.get("Code", "")), "SendSms")
        return str(status.get("SerialNo", ""))

    def receipt(
        self, message_id: str, to: PhoneNumber, sent_at: dt.datetime, now: dt.datetime
    ) -> Receipt | None:
        said = self._ask(
            "PullSmsSendStatusByPhoneNumber",
            {
                "PhoneNumber": to.e164(),
                "SmsSdkAppId": self._found.app_id,
                "BeginTime": int(sent_at.timestamp()) - 1,
                "EndTime": int(now.timestamp()),
                "Offset": 0,
                "Limit": 100,
            },
            now,
        )
        for each in _list(said, "PullSmsSendStatusSet"):
            if each.get("SerialNo") == message_id:
                is_delivered = each.get("ReportStatus") == "SUCCESS"
                return Receipt(is_delivered, str(each.get("Description", "")))
        return None

    def _ask(self, action: str, fields: Mapping[str, object], now: dt.datetime) -> dict[str, Any]:
        body = json.dumps(fields).encode()
        timestamp = int(now.timestamp())
        host = urlsplit(self._found.url).netloc
        headers = {
            "authorization": authorization(
                self._found.secret_id,
                self._found.secret_key.get_secret_value(),
                host,
                body,
                timestamp,
            ),
            "content-type": _CONTENT_TYPE,
            "host": host,
            "x-tc-action": action,
            "x-tc-version": _VERSION,
            "x-tc-region": self._found.region,
            "x-tc-timestamp": str(timestamp),
        }
        said = json_object(self._wire.post(f"{self._found.url}/", body, headers)).get("Response")
        if not isinstance(said, dict):
            raise CarrierDownError(f"Tencent's answer to {action} has no Response")
        error = said.get("Error")
        if isinstance(error, dict):
            raise _fault(str(error.get("Code", "")), action)
        return said


def authorization(secret_id: str, secret_key: str, host: str, body: bytes, timestamp: int) -> str:
    """The `Authorization` header of a POST to `/` whose content type is `application/json`."""
    day = dt.datetime.fromtimestamp(timestamp, dt.UTC).strftime("%Y-%m-%d")
    names = "content-type;host"
    canonical = (
        f"POST\n/\n\ncontent-type:{_CONTENT_TYPE}\nhost:{host}\n\n{names}\n"
        f"{hashlib.sha256(body).hexdigest()}"
    )
    scope = f"{day}/{_SERVICE}/tc3_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signed = f"{_ALGORITHM}\n{timestamp}\n{scope}\n{digest}"
    key = f"TC3{secret_key}".encode()
    for part in (day, _SERVICE, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()
    return (
        f"{_ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    )


def _fault(code: str, action: str) -> SmsError:
    fits = [begin for begin in _CODES if code.startswith(begin)]
    sort = _CODES[max(fits, key=len)] if fits else CarrierSetUpError
    return sort(f"Tencent says {code or 'nothing'} to {action}")


def _list(said: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = said.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _only(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    return next(iter(_list(said, name)), {})
