"""Reports on their way: by mail, and as files for the dashboard."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Lookup, Ulid
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


class FileState(enum.StrEnum):
    ASKED = "asked"
    MAKING = "making"
    MADE = "made"
    FAILED = "failed"
    NO_FONT = "no_font"


class ReportFile(Base):
    """A report as PDF that a user of the dashboard has asked for, kept for an hour.

    Asked for by analytics.dashboard, which is to stay small; made by jobs.
    """

    __tablename__ = "report_files"
    # Jobs ask every second.
    __table_args__ = (sa.Index("report_files_state", "state"),)

    id: Mapped[Ulid] = mapped_column(primary_key=True)
    first: Mapped[dt.date]
    last: Mapped[dt.date]
    language: Mapped[str] = mapped_column(sa.String(8))
    state: Mapped[FileState] = mapped_column(_words(FileState), default=FileState.ASKED)
    asked_at: Mapped[dt.datetime]
    content: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
