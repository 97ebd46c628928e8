"""How often codes may be sent and guessed at. Whether a number is a member's plays no part.

Counted by number, phone and store, never by IP address: behind another router a
whole floor of shoppers can share one.
"""

import dataclasses
import datetime as dt
import enum
import math

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.code_send import CodeSend
from core.models.login import Login, LoginWay
from core.setting_groups.sms import SmsSettings
from portal.standing import UNFINISHED_LASTS

BETWEEN_SENDS = dt.timedelta(seconds=60)
FAILURES_PER_NUMBER = 10

_HOUR = dt.timedelta(hours=1)
_DAY = dt.timedelta(days=1)


class Reason(enum.StrEnum):
    """Why no code is sent. Each has its text in the catalogues, under `refused`."""

    TOO_SOON = "too_soon"
    NUMBER_HOUR = "number_hour"
    NUMBER_DAY = "number_day"
    DEVICE_DAY = "device_day"
    DEVICE_NUMBERS = "device_numbers"
    STORE_DAY = "store_day"
    DATA_DAY = "data_day"
    """Not about codes: the data that the plan gives a day are used up."""
    LOCKED = "locked"
    ASKED_TOO_OFTEN = "asked_too_often"
    """Not about codes: the staff have been asked too often."""


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    reason: Reason
    wait_s: int = 0
    """Known for TOO_SOON only."""


def judge_send(
    session: Session,
    sms: SmsSettings,
    account_lookup: bytes,
    device_id: int,
    now: dt.datetime,
    *,
    way: LoginWay = LoginWay.SMS,
) -> Refusal | None:
    """Why this account may not be sent a code now, if it may not.

    The store's day is its budget of text messages: mails neither count nor stop there.
    """
    if is_locked(session, account_lookup, now):
        return Refusal(Reason.LOCKED)
    of_number = CodeSend.account_lookup == account_lookup
    newest = session.scalar(sa.select(sa.func.max(CodeSend.sent_at)).where(of_number))
    if newest is not None and now - newest < BETWEEN_SENDS:
        return Refusal(Reason.TOO_SOON, math.ceil((newest + BETWEEN_SENDS - now).total_seconds()))
    rules = (
        (Reason.NUMBER_HOUR, of_number, _HOUR, sms.sends_per_number_hour),
        (Reason.NUMBER_DAY, of_number, _DAY, sms.sends_per_number_day),
        (Reason.DEVICE_DAY, CodeSend.device_id == device_id, _DAY, sms.sends_per_device_day),
        (Reason.STORE_DAY, CodeSend.way != LoginWay.EMAIL, _DAY, sms.sends_per_store_day),
    )
    for reason, whose, span, most in rules:
        if reason is Reason.STORE_DAY and way is LoginWay.EMAIL:
            continue
        count = sa.select(sa.func.count()).where(whose, CodeSend.sent_at > now - span)
        if (session.scalar(count) or 0) >= most:
            return Refusal(reason)
    others = sa.select(sa.func.count(CodeSend.account_lookup.distinct())).where(
        CodeSend.device_id == device_id, ~of_number, CodeSend.sent_at > now - _DAY
    )
    if (session.scalar(others) or 0) >= sms.numbers_per_device_day:
        return Refusal(Reason.DEVICE_NUMBERS)
    return None


def is_locked(session: Session, account_lookup: bytes, now: dt.datetime) -> bool:
    """Whether this number was guessed at too often, from whatever phones.

    A failure counts for an hour after its login's last possible one, so never for less
    than an hour.
    """
    failures = sa.select(sa.func.sum(Login.failures)).where(
        Login.account_lookup == account_lookup, Login.started_at > now - _HOUR - UNFINISHED_LASTS
    )
    return (session.scalar(failures) or 0) >= FAILURES_PER_NUMBER
