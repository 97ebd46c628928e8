"""How long headquarters keeps a row. What it does not hold, nobody can take from it."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models.crm_record import CrmRecord
from hq.models.erasure_order import ErasureOrder
from hq.models.receipt import Receipt
from hq.models.sms_send import SmsSend
from hq.models.wechat_login import WechatLogin
from hq.models.withdrawal import Withdrawal

LOGIN = dt.timedelta(hours=1)
# Signatures are good for minutes, ten before and after; WeChat sends again within seconds.
RECEIPT = dt.timedelta(minutes=30)
# A store that asks for nothing in this time has closed, or does not know the person any more.
WITHDRAWAL = dt.timedelta(days=90)

# The limits look back a day.
SMS_SEND = dt.timedelta(days=2)
# One that is not done stays until it is.
DONE_ERASURE = dt.timedelta(days=30)


def forget(session: Session, now: dt.datetime) -> None:
    """Delete what has outlived its purpose. Runs with every login that begins: it is cheap."""
    session.execute(sa.delete(WechatLogin).where(WechatLogin.expires_at < now - LOGIN))
    session.execute(sa.delete(Receipt).where(Receipt.received_at < now - RECEIPT))
    session.execute(sa.delete(Withdrawal).where(Withdrawal.withdrawn_at < now - WITHDRAWAL))
    session.execute(sa.delete(CrmRecord).where(CrmRecord.expires_at < now))
    session.execute(sa.delete(SmsSend).where(SmsSend.sent_at < now - SMS_SEND))
    session.execute(sa.delete(ErasureOrder).where(ErasureOrder.done_at < now - DONE_ERASURE))
