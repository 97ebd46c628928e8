"""What lets another program read figures, or metrics."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Lookup


class Scope(enum.StrEnum):
    """What a token opens, and nothing else."""

    FIGURES = "figures"
    """The store's figures, small counts withheld (`analytics.api`)."""
    METRICS = "metrics"
    """How the machine and its programs are, for who looks after them (`appliance.metrics`)."""


class ApiToken(Base):
    """A word that a program shows to read; only its blind index is kept.

    Written and read by the dashboard and by `doorman token`; at headquarters too. A row that is
    gone is a program that is out.
    """

    __tablename__ = "api_tokens"

    id: Mapped[IntKey]
    name: Mapped[str] = mapped_column(sa.String(64))
    """What it is for, in the words of whoever made it."""
    token_lookup: Mapped[Lookup] = mapped_column(unique=True)
    scope: Mapped[Scope] = mapped_column(
        sa.Enum(
            Scope,
            native_enum=False,
            length=16,
            values_callable=lambda e: [m.value for m in e],
        ),
        server_default=Scope.FIGURES,
    )
    made_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_on: Mapped[dt.date | None]
    """The last store-local day."""
