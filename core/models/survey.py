"""One question to shoppers who are online."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey


class Survey(Base):
    """A question. Written by the dashboard, asked by portal; the newest of a language is."""

    __tablename__ = "surveys"

    id: Mapped[IntKey]
    question: Mapped[str] = mapped_column(sa.String(120))
    language: Mapped[str] = mapped_column(sa.String(8), default="")
    """Of the page that it is asked on; empty: any."""
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class SurveyAnswer(Base):
    """One of the answers to choose from, and how many chose it: nowhere stands who."""

    __tablename__ = "survey_answers"

    survey_id: Mapped[int] = mapped_column(
        ForeignKey("surveys.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(sa.String(60))
    chosen: Mapped[int] = mapped_column(default=0)


class SurveyTurn(Base):
    """That a device or a member has answered, so that none does twice. Not what.

    Without the time of day: with it, the count of one quiet hour would tell the answer.
    """

    __tablename__ = "survey_turns"
    __table_args__ = (
        UniqueConstraint("survey_id", "device_id"),
        UniqueConstraint("survey_id", "member_id"),
    )

    id: Mapped[IntKey]
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id", ondelete="CASCADE"))
    device_id: Mapped[int | None] = mapped_column(
        ForeignKey("devices.id", ondelete="SET NULL"), index=True
    )
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
