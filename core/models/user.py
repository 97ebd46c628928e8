"""Somebody who may open the dashboard."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey


class User(Base):
    """A store manager or technician. Written by `doorman user add`, read by the dashboard."""

    __tablename__ = "users"

    id: Mapped[IntKey]
    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    """scrypt, in werkzeug's form."""
    created_at: Mapped[dt.datetime]
