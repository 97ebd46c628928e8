"""Asks carriers what became of the codes they took."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from core.account import Account
from core.database import Database
from core.log import Log
from core.models import login as logins
from core.models.code_send import CodeSend, SendState
from core.models.login import Login
from core.sealing import SealBrokenError, Sealer
from portal.sms.carriers import Carriers
from portal.sms.shape import ReceiptGiver, SmsError

# Before, it is on its way; after, nobody needs to know.
_FROM = dt.timedelta(seconds=30)
_UNTIL = dt.timedelta(minutes=30)
# In one turn, so that a slow carrier does not hold up the other jobs.
_MOST = 20

_log = Log("jobs")


def collect(database: Database, sealer: Sealer, carriers: Carriers, now: dt.datetime) -> int:
    """Write down what carriers say of recent messages; how many are settled now."""
    with database.reading() as session:
        open_ = session.execute(
            sa.select(CodeSend, Login.sealed_account)
            .join(Login, Login.id == CodeSend.login_id)
            .where(
                CodeSend.state == SendState.TAKEN,
                CodeSend.sent_at.between(now - _UNTIL, now - _FROM),
            )
            # The newest first: those whose carrier stays silent must not crowd them out.
            .order_by(CodeSend.sent_at.desc())
        ).all()
    settled = 0
    for send, sealed_account in _askable(open_, carriers)[:_MOST]:
        state = _ask(carriers, send, sealer, sealed_account, now)
        if state is None:
            continue
        with database.writing() as session:
            session.execute(sa.update(CodeSend).where(CodeSend.id == send.id).values(state=state))
        settled += 1
    return settled


def _askable(
    rows: Sequence[sa.Row[CodeSend, bytes | None]], carriers: Carriers
) -> list[tuple[CodeSend, bytes]]:
    return [
        (send, sealed)
        for send, sealed in rows
        if sealed
        and send.message_id
        and send.carrier is not None
        and send.carrier in carriers
        and isinstance(carriers[send.carrier], ReceiptGiver)
    ]


def _ask(
    carriers: Carriers, send: CodeSend, sealer: Sealer, sealed_account: bytes, now: dt.datetime
) -> SendState | None:
    giver = carriers[send.carrier] if send.carrier else None
    if not isinstance(giver, ReceiptGiver):
        return None
    try:
        to = Account.opened(sealer, logins.ACCOUNT, sealed_account).phone
        receipt = giver.receipt(send.message_id or "", to, send.sent_at, now)
    except SealBrokenError:
        return None
    except SmsError as error:
        _log.warning("no receipt for a code", carrier=send.carrier, reason=str(error))
        return None
    if receipt is None:
        return None
    if not receipt.is_delivered:
        _log.warning("a code was lost", carrier=send.carrier, reason=receipt.reason)
    return SendState.DELIVERED if receipt.is_delivered else SendState.LOST
