"""Hands codes to headquarters, which sends them by the carriers of the chain.

Headquarters writes the text itself, so that a store's key sends codes and nothing else. A
message has an id of its own: put again, because the answer was lost, it is not sent again.
"""

import datetime as dt
from typing import Any

import ulid

from core import headquarters
from core.headquarters import SmsOutcome
from core.headquarters_line import (
    HeadquartersDownError,
    HeadquartersError,
    HeadquartersRefusalError,
    Line,
)
from core.phone_number import PhoneNumber
from portal.sms.shape import (
    CarrierDownError,
    CarrierSetUpError,
    NumberBusyError,
    NumberRefusedError,
    Receipt,
    SmsError,
    SmsMessage,
)

_FAULTS: dict[str, tuple[type[SmsError], str]] = {
    SmsOutcome.DOWN: (CarrierDownError, "no carrier of headquarters' takes messages now"),
    SmsOutcome.SET_UP: (CarrierSetUpError, "headquarters' carriers are not set up: see its log"),
    SmsOutcome.NUMBER_REFUSED: (NumberRefusedError, "no message reaches this number"),
    SmsOutcome.NUMBER_BUSY: (NumberBusyError, "this number has had too many messages"),
    SmsOutcome.STORE_LIMIT: (CarrierDownError, "headquarters' limit for this store is reached"),
}
_CLIENT_FAULT, _SERVER_FAULT = 400, 500
_TOO_MANY = 429


class HeadquartersSms:
    """An `SmsProvider` and a `ReceiptGiver`."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def send(self, message: SmsMessage, now: dt.datetime) -> str:
        message_id = str(ulid.ULID())
        question = {
            "message": message_id,
            "number": message.to.e164(),
            "code": message.code,
            "minutes": message.minutes,
            "language": message.language,
        }
        answer = self._ask_twice(question, now)
        outcome = answer.get("outcome")
        if outcome == SmsOutcome.TAKEN:
            return message_id
        sort, reason = _FAULTS.get(str(outcome), (CarrierDownError, "an answer nobody knows"))
        raise sort(reason)

    def receipt(
        self,
        message_id: str,
        to: PhoneNumber,
        sent_at: dt.datetime,  # noqa: ARG002 - headquarters knows when it sent
        now: dt.datetime,
    ) -> Receipt | None:
        question = {"message": message_id, "number": to.e164()}
        try:
            told = self._line.ask(headquarters.SMS_RECEIPT, question, now).get("receipt")
        except HeadquartersError as error:
            raise _as_carrier(error) from error
        if not isinstance(told, dict):
            return None
        return Receipt(told.get("is_delivered") is True, str(told.get("reason", "")))

    def _ask_twice(self, question: dict[str, object], now: dt.datetime) -> dict[str, Any]:
        """A lost answer is asked for once more: the same message is not sent again."""
        try:
            try:
                return self._line.ask(headquarters.SMS, question, now)
            except HeadquartersDownError:
                return self._line.ask(headquarters.SMS, question, now)
        except HeadquartersError as error:
            raise _as_carrier(error) from error


def _as_carrier(error: HeadquartersError) -> SmsError:
    is_ours = (
        isinstance(error, HeadquartersRefusalError)
        and _CLIENT_FAULT <= error.status < _SERVER_FAULT
        and error.status != _TOO_MANY
    )
    return CarrierSetUpError(str(error)) if is_ours else CarrierDownError(str(error))
