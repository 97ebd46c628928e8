"""Takes each message in once, whatever worker it comes to and however often."""

import datetime as dt

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.sealing import Sealer
from hq.models.receipt import ANSWER, Receipt


def take(
    session: Session, sealer: Sealer, sender: str, message_id: str, now: dt.datetime
) -> Receipt | None:
    """A receipt if the message is new, else None; it exists if the session commits.

    Another worker that is just taking in the same message is waited for.
    """
    receipt = Receipt(key=_key(sealer, sender, message_id), received_at=now)
    try:
        with session.begin_nested():
            session.add(receipt)
    except IntegrityError:
        return None
    return receipt


def answer_given(session: Session, sealer: Sealer, sender: str, message_id: str) -> bytes | None:
    """The answer that a message got when it was new, if any."""
    receipt = session.get(Receipt, _key(sealer, sender, message_id))
    if receipt is None or receipt.sealed_answer is None:
        return None
    return sealer.open(ANSWER, receipt.sealed_answer)


def _key(sealer: Sealer, sender: str, message_id: str) -> bytes:
    return sealer.lookup("receipt", f"{sender}\0{message_id}".encode())
