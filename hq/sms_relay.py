"""Sends login codes for stores, by the chain's carriers, within limits, and each once.

A store's box may be stolen: its key then sends codes, as many as a store may, and no texts.
"""

import datetime as dt
import hashlib
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.headquarters import SmsOutcome
from core.log import Log
from core.phone_number import InvalidPhoneNumberError, PhoneNumber
from hq.models.sms_send import SmsSend, SmsState
from hq.models.store import Store
from hq.parts import Parts
from portal.sms.carriers import Carriers, Sent
from portal.sms.shape import (
    CarrierDownError,
    NumberBusyError,
    NumberRefusedError,
    Receipt,
    ReceiptGiver,
    SmsError,
    SmsMessage,
)

_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)

_log = Log("hq")


class Code(NamedTuple):
    """What a store wants sent. Not for printing."""

    message_id: str
    number: str
    code: str
    minutes: int
    language: str


def send(parts: Parts, store: Store, wanted: Code, now: dt.datetime) -> SmsOutcome:
    """What became of it; the same for the same message, which is not sent again."""
    try:
        number = PhoneNumber.parse(wanted.number, parts.countries)
    except InvalidPhoneNumberError:
        return SmsOutcome.NUMBER_REFUSED
    with parts.database.writing() as session:
        # One store's questions one after the other, and those about one number: limits count.
        _take_turns(session, f"store/{store.id}".encode())
        _take_turns(session, _lookup(parts, number.e164()))
        earlier = _find(session, store, wanted.message_id)
        if earlier is not None:
            return _told(earlier)
        send_id = _begin(parts, session, store, number, wanted.message_id, now)
        if isinstance(send_id, SmsOutcome):
            return send_id
    # The transaction is over, and the message counted: a carrier may be slow.
    outcome, sent = _hand_over(parts.sms, _message(parts, store, number, wanted), now)
    with parts.database.writing() as session:
        row = session.get_one(SmsSend, send_id)
        row.state = SmsState.TAKEN if sent else SmsState.NOT_TAKEN
        row.outcome = "" if sent else outcome
        if sent:
            row.carrier, row.carrier_message_id = sent.carrier, sent.message_id[:64]
    _log.info("a code for a store", store=store.id, outcome=outcome)
    return outcome


def receipt(
    parts: Parts, store: Store, message_id: str, number: str, now: dt.datetime
) -> Receipt | None:
    """What the carrier says became of a message of this store's; None: nothing is known."""
    with parts.database.reading() as session:
        row = _find(session, store, message_id)
    if row is None or row.carrier is None or parts.sms is None or row.carrier not in parts.sms:
        return None
    giver = parts.sms[row.carrier]
    if row.number_lookup != _lookup(parts, number) or not isinstance(giver, ReceiptGiver):
        return None
    to = PhoneNumber.from_e164(number)
    try:
        return giver.receipt(row.carrier_message_id or "", to, row.sent_at, now)
    except SmsError as error:
        _log.warning("no word of a code", carrier=row.carrier, reason=str(error))
        return None


def _begin(  # noqa: PLR0917 - one call, each of a type of its own
    parts: Parts,
    session: Session,
    store: Store,
    number: PhoneNumber,
    message_id: str,
    now: dt.datetime,
) -> int | SmsOutcome:
    """Count a message before it is sent; its row's id, or why it may not be."""
    limits, lookup = parts.sms_limits, _lookup(parts, number.e164())
    to_number = SmsSend.number_lookup == lookup
    if _count(session, SmsSend.store_id == store.id, now - _DAY) >= limits.sends_per_store_day:
        _log.error("a store sends more codes than a store may", store=store.id)
        return SmsOutcome.STORE_LIMIT
    if (
        _count(session, to_number, now - _HOUR) >= limits.sends_per_number_hour
        or _count(session, to_number, now - _DAY) >= limits.sends_per_number_day
    ):
        return SmsOutcome.NUMBER_BUSY
    row = SmsSend(
        store_id=store.id,
        message_id=message_id,
        number_lookup=lookup,
        sent_at=now,
        state=SmsState.BEGUN,
    )
    session.add(row)
    session.flush()
    return row.id


def _take_turns(session: Session, about: bytes) -> None:
    """Wait until no other transaction is about the same.

    By a lock of its own: the store's row is held for as long as its news are folded. On SQLite
    whoever writes is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        number = hashlib.blake2b(about, key=b"sms", digest_size=8).digest()
        lock = sa.func.pg_advisory_xact_lock(int.from_bytes(number, signed=True))
        session.execute(sa.select(lock))


def _hand_over(
    carriers: Carriers | None, message: SmsMessage, now: dt.datetime
) -> tuple[SmsOutcome, Sent | None]:
    if carriers is None:
        return SmsOutcome.SET_UP, None
    try:
        return SmsOutcome.TAKEN, carriers.send(message, now)
    except NumberRefusedError:
        return SmsOutcome.NUMBER_REFUSED, None
    except NumberBusyError:
        return SmsOutcome.NUMBER_BUSY, None
    except CarrierDownError:
        return SmsOutcome.DOWN, None
    except SmsError:
        return SmsOutcome.SET_UP, None


def _message(parts: Parts, store: Store, number: PhoneNumber, wanted: Code) -> SmsMessage:
    text = parts.texts.text(
        wanted.language,
        "sms.text",
        code=wanted.code,
        store=store.name or store.id,
        minutes=wanted.minutes,
    )
    return SmsMessage(number, text, wanted.code, wanted.minutes, wanted.language)


def _told(row: SmsSend) -> SmsOutcome:
    return SmsOutcome(row.outcome) if row.state is SmsState.NOT_TAKEN else SmsOutcome.TAKEN


def _find(session: Session, store: Store, message_id: str) -> SmsSend | None:
    return session.scalar(
        sa.select(SmsSend).where(SmsSend.store_id == store.id, SmsSend.message_id == message_id)
    )


def _count(session: Session, whose: sa.ColumnElement[bool], since: dt.datetime) -> int:
    return session.scalars(
        sa.select(sa.func.count(SmsSend.id)).where(whose, SmsSend.sent_at > since)
    ).one()


def _lookup(parts: Parts, number: str) -> bytes:
    return parts.sealer.lookup("sms_number", number.encode())
