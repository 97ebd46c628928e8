"""What every carrier of text messages looks like to the portal."""

import dataclasses
import datetime as dt
from typing import Protocol

from core.phone_number import PhoneNumber


class SmsError(Exception):
    """A message was not taken. What is said of it never repeats number or text."""


class TemporarySmsError(SmsError):
    """The carrier is down, slow or busy: the same message may go through later."""


class PermanentSmsError(SmsError):
    """The carrier refuses this message, and would again."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class SmsMessage:
    """One text message with a login code. Hides itself when printed."""

    to: PhoneNumber
    text: str
    code: str
    """The code by itself, for carriers that fill it into a template they have approved."""
    language: str

    def __repr__(self) -> str:
        return "SmsMessage(hidden)"


class SmsProvider(Protocol):
    def send(self, message: SmsMessage, now: dt.datetime) -> None:
        """Hand `message` to the carrier, or raise TemporarySmsError or PermanentSmsError."""
