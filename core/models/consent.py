"""What a shopper agreed to."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, IntKey, Lookup


class Purpose(enum.StrEnum):
    TERMS = "terms"
    """Use of the Wi-Fi and the connection log the law asks for. The only one required."""
    MEMBERSHIP = "membership"
    MARKETING = "marketing"
    VISIT_ANALYTICS = "visit_analytics"
    """Visits linked to the person: asked for apart, because it is sensitive (PIPL art. 28)."""


class Via(enum.StrEnum):
    """By what way a withdrawal came to us."""

    MY_DATA = "my_data"
    """The person's own hand, after a fresh proof."""
    STAFF = "staff"
    """The staff, for somebody who asked them; the audit log says who, and how they knew them."""
    CRM = "crm"
    """They have told the CRM, and the CRM has told us."""
    WECHAT = "wechat"
    """They follow the account no longer."""
    ERASURE = "erasure"
    """The member was erased."""
    BACKUP = "backup"
    """Withdrawn before, and done again after a backup was restored."""


class Consent(Base):
    """One thing that one person agreed to, at one moment, in wording we can show again.

    Written by portal. Read by crm, which sends only what was agreed to. Of what was agreed to,
    by which account, in which words and when, nothing ever changes but `withdrawn_at` and
    `withdrawn_via`, so that the table can serve as proof.
    """

    __tablename__ = "consents"
    __table_args__ = (
        # crm and portal ask "what has this person agreed to?"
        Index("consents_of_account", "account_lookup", "purpose"),
    )

    id: Mapped[IntKey]
    account_lookup: Mapped[Lookup]
    """Who: the account they proved, since a shopper may use the Wi-Fi without membership."""
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    """Of a merged member, the one who stays; of nobody once the member is erased. The record
    outlives both: that somebody agreed has to be shown for years after they are gone."""
    purpose: Mapped[Purpose] = mapped_column(
        sa.Enum(Purpose, native_enum=False, values_callable=lambda e: [m.value for m in e])
    )
    wording_version: Mapped[str] = mapped_column(sa.String(16))
    language: Mapped[str] = mapped_column(sa.String(8))
    given_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_via: Mapped[Via | None] = mapped_column(
        sa.Enum(
            Via,
            native_enum=False,
            length=16,
            values_callable=lambda e: [m.value for m in e],
        )
    )
    """None of what was withdrawn before this was written down."""
