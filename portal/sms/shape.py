"""What every carrier of text messages looks like to the portal.

What goes wrong is either the carrier's fault, and the next one is asked, or the number's,
and no other would do better: nobody is charged twice for a number that does not exist.
"""

import dataclasses
import datetime as dt
from typing import Protocol, runtime_checkable

from core.phone_number import PhoneNumber


class SmsError(Exception):
    """A message was not taken. What is said of it never repeats number or text."""


class CarrierError(SmsError):
    """The carrier's fault."""


class CarrierDownError(CarrierError):
    """It is down, slow or busy: the same message may go through later."""


class CarrierSetUpError(CarrierError):
    """It refuses until somebody mends the account, the template or the settings."""


class NumberError(SmsError):
    """The number's fault."""


class NumberRefusedError(NumberError):
    """No message reaches this number."""


class NumberBusyError(NumberError):
    """This number has had too many messages for now."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class SmsMessage:
    """One text message with a login code. Hides itself when printed."""

    to: PhoneNumber
    text: str
    code: str
    """The code by itself, for carriers that fill it into a template they have approved."""
    minutes: int
    """How long the code is good for."""
    language: str

    def __repr__(self) -> str:
        return "SmsMessage(hidden)"


class SmsProvider(Protocol):
    def send(self, message: SmsMessage, now: dt.datetime) -> str:
        """Hand `message` over; the carrier's id for it, or "". Raises SmsError.

        The id holds nothing of the person.
        """


@runtime_checkable
class CodeKeeper(Protocol):
    """A carrier that makes the code itself: ours is not in its message."""

    def check(self, to: PhoneNumber, code: str) -> bool:
        """Whether `code` is what it sent. Raises SmsError."""


@dataclasses.dataclass(frozen=True, slots=True)
class Receipt:
    is_delivered: bool
    reason: str
    """The carrier's own word for it, such as `DELIVERED`."""


@runtime_checkable
class ReceiptGiver(Protocol):
    """A carrier that can say what became of a message."""

    def receipt(
        self, message_id: str, to: PhoneNumber, sent_at: dt.datetime, now: dt.datetime
    ) -> Receipt | None:
        """None: nothing is known yet. Raises SmsError."""
