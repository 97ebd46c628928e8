"""How often codes may be sent and guessed at. Whether a number is a member's plays no part.

Counted by number, phone and store, never by IP address: behind another router a
whole floor of shoppers can share one.
"""

import dataclasses
import datetime as dt
import enum
import math
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.code_send import CodeSend
from core.models.login import Login, LoginWay
from core.setting_groups.sms import SmsSettings
from portal.ways.standing import UNFINISHED_LASTS

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


_OF_NUMBER = CodeSend.account_lookup == sa.bindparam("account")
_OF_DEVICE = CodeSend.device_id == sa.bindparam("device")
_IN_HOUR = CodeSend.sent_at > sa.bindparam("hour_ago")
_IN_DAY = CodeSend.sent_at > sa.bindparam("day_ago")


def _one(name: str, what: sa.ColumnElement[Any], *which: sa.ColumnElement[bool]) -> sa.Label[Any]:
    return sa.select(what).where(*which).scalar_subquery().label(name)


# One statement, built once: a phone waits, and each part has its own index.
_SENDS = sa.select(
    _one("newest", sa.func.max(CodeSend.sent_at), _OF_NUMBER),
    _one(Reason.NUMBER_HOUR, sa.func.count(), _OF_NUMBER, _IN_HOUR),
    _one(Reason.NUMBER_DAY, sa.func.count(), _OF_NUMBER, _IN_DAY),
    _one(Reason.DEVICE_DAY, sa.func.count(), _OF_DEVICE, _IN_DAY),
    _one(Reason.STORE_DAY, sa.func.count(), CodeSend.way != LoginWay.EMAIL, _IN_DAY),
    _one(
        Reason.DEVICE_NUMBERS,
        sa.func.count(CodeSend.account_lookup.distinct()),
        _OF_DEVICE,
        ~_OF_NUMBER,
        _IN_DAY,
    ),
)


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
    since = {"hour_ago": now - _HOUR, "day_ago": now - _DAY}
    asked = {"account": account_lookup, "device": device_id} | since
    found = session.execute(_SENDS, asked).mappings().one()
    newest = found["newest"]
    if newest is not None and now - newest < BETWEEN_SENDS:
        return Refusal(Reason.TOO_SOON, math.ceil((newest + BETWEEN_SENDS - now).total_seconds()))
    most = {
        Reason.NUMBER_HOUR: sms.sends_per_number_hour,
        Reason.NUMBER_DAY: sms.sends_per_number_day,
        Reason.DEVICE_DAY: sms.sends_per_device_day,
        Reason.STORE_DAY: sms.sends_per_store_day,
        Reason.DEVICE_NUMBERS: sms.numbers_per_device_day,
    }
    if way is LoginWay.EMAIL:
        del most[Reason.STORE_DAY]
    for reason, limit in most.items():
        if found[reason] >= limit:
            return Refusal(reason)
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
