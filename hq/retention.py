"""How long headquarters keeps a row. What it does not hold, nobody can take from it."""

import datetime as dt

import sqlalchemy as sa
import ulid
from sqlalchemy.orm import Session

from core import audit_chain
from core.models.crm_record import CrmRecord
from core.models.outbox_event import OutboxEvent, OutboxState
from core.periods import SENT_EVENT
from core.retention import of_users, told_to_crm
from hq.models.chain import ChainIdentity, ChainLink
from hq.models.erasure_order import ErasureOrder
from hq.models.inbox import InboxEvent, InboxState, ParkedEvent
from hq.models.receipt import Receipt
from hq.models.sms_send import SmsSend
from hq.models.store import Store, StoreKey
from hq.models.store_anchor import StoreAnchor
from hq.models.traffic import StoreHour
from hq.models.wechat_login import WechatLogin
from hq.models.withdrawal import Withdrawal
from hq.models.withdrawal_order import WithdrawalOrder

LOGIN = dt.timedelta(hours=1)
# Signatures are good for minutes, ten before and after; WeChat sends again within seconds.
RECEIPT = dt.timedelta(minutes=30)
# A store that asks for nothing in this time has closed, or does not know the person any more.
WITHDRAWAL = dt.timedelta(days=90)
# The limits look back a day.
SMS_SEND = dt.timedelta(days=2)
# One that is not done stays until it is.
DONE_ERASURE = dt.timedelta(days=30)
# Likewise.
DONE_WITHDRAWAL = dt.timedelta(days=30)
# By its id an event is known when it comes again: a store that was offline may send late.
INBOX = dt.timedelta(days=60)
# Nobody has looked at it.
PARKED = dt.timedelta(days=180)
# As long as late news could bring somebody back who was erased. It is blind indexes alone.
ERASED_KEY = dt.timedelta(days=180)
STORE_HOUR = dt.timedelta(days=2 * 365)
# As long as any store may keep its access log, and a while longer.
STORE_ANCHOR = dt.timedelta(days=430)
# What is good for nothing any more, but says what was.
ENDED_KEY = dt.timedelta(days=365)


def forget(session: Session, now: dt.datetime) -> None:
    """Delete what has outlived its purpose. Runs with every login that begins: it is cheap."""
    session.execute(sa.delete(WechatLogin).where(WechatLogin.expires_at < now - LOGIN))
    session.execute(sa.delete(Receipt).where(Receipt.received_at < now - RECEIPT))
    session.execute(sa.delete(Withdrawal).where(Withdrawal.withdrawn_at < now - WITHDRAWAL))
    session.execute(sa.delete(CrmRecord).where(CrmRecord.expires_at < now))
    session.execute(sa.delete(SmsSend).where(SmsSend.sent_at < now - SMS_SEND))
    session.execute(sa.delete(ErasureOrder).where(ErasureOrder.done_at < now - DONE_ERASURE))
    done = WithdrawalOrder.done_at < now - DONE_WITHDRAWAL
    session.execute(sa.delete(WithdrawalOrder).where(done))


def forget_news(session: Session, now: dt.datetime) -> dict[str, int]:
    """Delete what stores have sent, and news that was sent on; how many rows of each table.

    Not cheap: for the jobs.
    """
    rules = {
        "chain_identities": sa.delete(ChainIdentity).where(
            ChainIdentity.link_id.in_(
                sa.select(ChainLink.id).where(
                    ChainLink.is_erased, ChainLink.erased_at < now - ERASED_KEY
                )
            ),
        ),
        "store_anchors": sa.delete(StoreAnchor).where(StoreAnchor.told_at < now - STORE_ANCHOR),
        "store_hours": sa.delete(StoreHour).where(StoreHour.start < now - STORE_HOUR),
        "store_keys": sa.delete(StoreKey).where(
            sa.or_(StoreKey.revoked_at < now - ENDED_KEY, StoreKey.expires_at < now - ENDED_KEY)
        ),
        "outbox_events": sa.delete(OutboxEvent).where(
            OutboxEvent.state == OutboxState.SENT, OutboxEvent.sent_at < now - SENT_EVENT
        ),
        "crm_proofs": told_to_crm(now),
        "parked_events": sa.delete(ParkedEvent).where(ParkedEvent.parked_at < now - PARKED),
        **of_users(now),
    }
    counts = {
        name: session.connection().execute(statement).rowcount for name, statement in rules.items()
    }
    counts["audit_entries"] = audit_chain.forget(session, now)
    return counts | {"inbox": _forget_inbox(session, now)}


def _forget_inbox(session: Session, now: dt.datetime) -> int:
    """Store by store and by id, of which time is the first part: else all rows were looked at."""
    # It has to be there when the event is put back.
    is_parked = sa.exists().where(
        ParkedEvent.store_id == InboxEvent.store_id, ParkedEvent.event_id == InboxEvent.event_id
    )
    oldest = str(ulid.ULID.from_datetime(now - INBOX))
    count = 0
    for store_id in session.scalars(sa.select(Store.id)).all():
        statement = sa.delete(InboxEvent).where(
            InboxEvent.store_id == store_id,
            InboxEvent.event_id < oldest,
            InboxEvent.received_at < now - INBOX,
            InboxEvent.state != InboxState.WAITING,
            ~is_parked,
        )
        count += session.connection().execute(statement).rowcount
    return count
