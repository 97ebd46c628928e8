"""That the CRM was told what somebody wishes, and has taken it."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Ulid
from core.models.consent import Purpose


class ToldOf(enum.StrEnum):
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class CrmProof(Base):
    """One consent, withdrawal or erasure, once the CRM has answered; what it said is not here.

    Written by `crm.proofs`, when the outbox forgets the event. Shown by `doorman crm told` and
    `doorman erasure`. Of who was erased the id names nobody any more.
    """

    __tablename__ = "crm_proofs"

    id: Mapped[IntKey]
    event_id: Mapped[Ulid] = mapped_column(unique=True)
    """By which the CRM knows it, too."""
    member: Mapped[Ulid] = mapped_column(index=True)
    """Their public id."""
    told_of: Mapped[ToldOf] = mapped_column(
        sa.Enum(
            ToldOf, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e]
        )
    )
    purpose: Mapped[Purpose | None] = mapped_column(
        sa.Enum(
            Purpose, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e]
        )
    )
    """None of an erasure."""
    crm: Mapped[str] = mapped_column(sa.String(16))
    """Which kind of CRM (`crm.kind`)."""
    has_place: Mapped[bool]
    """False: it has no place for news of this sort, and how it stands went with the member's own
    update, which is sent before it."""
    happened_at: Mapped[dt.datetime]
    confirmed_at: Mapped[dt.datetime] = mapped_column(index=True)
    """When it answered."""
