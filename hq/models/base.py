"""The base class of headquarters' tables: a database of its own, apart from any store's."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

from core.models.base import NAMING, UtcTime


class Base(DeclarativeBase):
    type_annotation_map = {dt.datetime: UtcTime()}  # noqa: RUF012 - SQLAlchemy reads it so
    metadata = sa.MetaData(naming_convention=NAMING)
