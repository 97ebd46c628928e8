"""One text message that the store paid for."""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Lookup


class CodeSend(Base):
    """That a code was sent: to which number (blind index), from which device, when.

    Written and counted by portal, which limits sends per number, device and store;
    rows older than a day are deleted by the retention job.
    """

    __tablename__ = "code_sends"
    __table_args__ = (
        Index("code_sends_of_number", "phone_lookup", "sent_at"),
        Index("code_sends_of_device", "device_id", "sent_at"),
        # "How many has the store sent today?"
        Index("code_sends_of_day", "sent_at"),
    )

    id: Mapped[IntKey]
    phone_lookup: Mapped[Lookup]
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"))
    sent_at: Mapped[dt.datetime]
