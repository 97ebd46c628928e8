"""What every table shares: the base class and the column types."""

import datetime as dt
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, mapped_column


class UtcTime(sa.types.TypeDecorator[dt.datetime]):
    """A moment with its zone. Refuses one without; SQLite forgets zones, this restores it."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs its zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: dt.datetime | None,
        dialect: sa.Dialect,  # noqa: ARG002 - the base class passes it
    ) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


class Base(DeclarativeBase):
    type_annotation_map = {dt.datetime: UtcTime()}  # noqa: RUF012 - SQLAlchemy reads it so
    metadata = sa.MetaData(naming_convention=NAMING)


# SQLite counts row numbers up by itself only for INTEGER.
_BigInteger = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class LookupBinary(sa.LargeBinary):
    """The type by which a column is known to be a blind index."""


class SealedBinary(sa.LargeBinary):
    """The type by which a column is known to be sealed (`core.resealing`)."""


IntKey = Annotated[int, mapped_column(_BigInteger, primary_key=True)]
Lookup = Annotated[bytes, mapped_column(LookupBinary(16))]
"""A blind index (`core.sealing.Sealer.lookup`)."""
Sealed = Annotated[bytes, mapped_column(SealedBinary)]
"""A sealed personal field (`core.sealing.Sealer.seal`), its place named `table.column`."""
Ulid = Annotated[str, mapped_column(sa.String(26))]
