"""That a message has been taken in, so that it works once."""

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Lookup, Sealed
from hq.models.base import Base

ANSWER = "receipts.sealed_answer"


class Receipt(Base):
    """One message from a store, which may not be sent again, or from WeChat, which sends
    again what it got no answer to. Written by hq; deleted after half an hour.
    """

    __tablename__ = "receipts"

    key: Mapped[Lookup] = mapped_column(primary_key=True)
    """Blind index of sender and message id: WeChat's ids of events contain an openid."""
    received_at: Mapped[dt.datetime] = mapped_column(index=True)
    sealed_answer: Mapped[Sealed | None]
    """The same answer goes out again. Empty: none was given, or none may be."""
