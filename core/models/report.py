"""Reports that went out by mail."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Lookup
from core.setting_groups.reports import ReportKind


def _words(kind: type[enum.StrEnum]) -> sa.Enum:
    return sa.Enum(kind, native_enum=False, values_callable=lambda e: [m.value for m in e])


class MailState(enum.StrEnum):
    SENDING = "sending"
    """Nothing is sent again that may have been taken: this is final if the program ends now."""
    WAITING = "waiting"
    """For another try."""
    SENT = "sent"
    REFUSED = "refused"


class ReportMail(Base):
    """One report for one recipient: the reason why it goes there once.

    Written by analytics.reports.mailing, before the mail server hears of it.
    """

    __tablename__ = "report_mails"

    kind: Mapped[ReportKind] = mapped_column(_words(ReportKind), primary_key=True)
    first: Mapped[dt.date] = mapped_column(primary_key=True)
    """The first day that it is about."""
    recipient: Mapped[Lookup] = mapped_column(primary_key=True)
    """Of the mailbox, which is in the settings."""
    state: Mapped[MailState] = mapped_column(_words(MailState))
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[dt.datetime]
