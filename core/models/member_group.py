"""Members picked by hand."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey


class MemberGroup(Base):
    """A named list of members, for campaigns. Written by the dashboard."""

    __tablename__ = "member_groups"

    id: Mapped[IntKey]
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    created_at: Mapped[dt.datetime]


class GroupMember(Base):
    """That a member is on a list."""

    __tablename__ = "group_members"

    group_id: Mapped[int] = mapped_column(
        ForeignKey("member_groups.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[int] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), primary_key=True, index=True
    )
