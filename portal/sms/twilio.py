"""Twilio Verify, version 2: Twilio makes the code, sends it, and says whether it is right.

Within ten minutes a second message to a number repeats its code; five messages and five
checks are allowed. What fails is a status with a `code` (Twilio, "Error and warning dictionary").
"""

import datetime as dt
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from core.phone_number import PhoneNumber
from core.setting_groups.sms import TwilioSettings
from portal.sms.shape import (
    CarrierDownError,
    CarrierSetUpError,
    NumberBusyError,
    NumberRefusedError,
    SmsError,
    SmsMessage,
)
from portal.sms.wire import Wire, json_object

# By Twilio's dictionary. What is not here must be set right by somebody.
_CODES: dict[int, type[SmsError]] = {
    60200: NumberRefusedError,  # invalid parameter: the number is the only one of ours
    60205: NumberRefusedError,  # a landline
    60410: NumberRefusedError,  # blocked by the fraud guard
    60203: NumberBusyError,
    60212: NumberBusyError,
    20429: CarrierDownError,
}
_UNKNOWN = 20404
_TOO_MANY_CHECKS = 60202
_LOCALES = {"zh": "zh-CN", "zh-TW": "zh-HK"}


class TwilioVerify:
    def __init__(self, found: TwilioSettings, wire: Wire) -> None:
        self._found = found
        self._wire = wire

    def send(self, message: SmsMessage, now: dt.datetime) -> str:  # noqa: ARG002 - the others sign the time
        locale = _LOCALES.get(message.language, message.language)
        fields = {"To": message.to.e164(), "Channel": "sms", "Locale": locale}
        status, said = self._ask("Verifications", fields)
        if status != HTTPStatus.CREATED:
            raise _fault(said, "Verifications")
        return str(said.get("sid", ""))

    def check(self, to: PhoneNumber, code: str) -> bool:
        status, said = self._ask("VerificationCheck", {"To": to.e164(), "Code": code})
        if status == HTTPStatus.OK:
            return said.get("status") == "approved"
        if said.get("code") in {_UNKNOWN, _TOO_MANY_CHECKS}:
            # Used, expired, or guessed at too often.
            return False
        raise _fault(said, "VerificationCheck")

    def _ask(self, what: str, fields: Mapping[str, str]) -> tuple[int, dict[str, object]]:
        answer = self._wire.post(
            f"{self._found.url}/v2/Services/{self._found.service_sid}/{what}",
            urlencode(fields).encode(),
            {"content-type": "application/x-www-form-urlencoded"},
            (self._found.account_sid, self._found.auth_token.get_secret_value()),
        )
        return answer.status_code, json_object(answer)


def _fault(said: Mapping[str, object], what: str) -> SmsError:
    code = said.get("code")
    sort = _CODES.get(code, CarrierSetUpError) if isinstance(code, int) else CarrierDownError
    return sort(f"Twilio says {code} to {what}")
