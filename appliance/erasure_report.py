"""Says what is left of somebody who was erased: nothing, or what is locked, and until when."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import periods, traces
from core.models.access_record import AccessRecord
from core.models.consent import Consent, Purpose
from core.models.crm_proof import CrmProof, ToldOf
from core.models.gone_member import GoneMember
from core.models.grant import Grant
from core.models.identity import Identity
from core.models.login import Login
from core.models.member import Member
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from core.sealing import Sealer
from core.traces import Sought

_LIMITS = "limits of codes"
LOCKED: Mapping[str, str] = {
    "access_exports.sealed_body": "what was asked of the access log",
    "access_records.account_lookup": "access log",
    "access_records.device_lookup": "access log",
    "access_records.sealed_body": "access log",
    "code_sends.account_lookup": _LIMITS,
    "consents.account_lookup": "proof of consent",
    "devices.lookup": "connection log",
    "devices.sealed_mac": "connection log",
    "logins.account_lookup": "connection log",
    "logins.sealed_account": "connection log",
    "logins.sealed_keys": "connection log",
}
"""What an erasure leaves in a store: by the law's order, as proof (`core.erasure`), or so that
nobody gets around the limits of codes by it."""
LOCKED_AT_HEADQUARTERS: Mapping[str, str] = {
    "chain_identities.lookup": "so that late news brings nobody back",
    "sms_sends.number_lookup": _LIMITS,
}
"""Blind indexes, all of them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Lock:
    """What stays, and until when at the latest."""

    what: str
    fields: int
    until: dt.date | None
    """None: as long as what it is for (docs/data-map.md)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Remains:
    """Of one database."""

    left: Mapping[str, int]
    """Places that nothing allows: an erasure that was not done, or a fault."""
    locked: tuple[Lock, ...]
    closed: Mapping[str, int]
    """Fields that do not open, so that nobody can say."""

    @property
    def is_clean(self) -> bool:
        return not self.left and not self.closed


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """How the CRM stands to an erasure."""

    is_member: bool
    gone_at: dt.datetime | None
    """When the store erased them; None: it does not know (any more)."""
    into: str | None
    """Whom they turned out to be, if they were merged and not erased."""
    state: OutboxState | None
    """Of the tombstone; None: it is not there (any more)."""
    confirmed_at: dt.datetime | None

    @property
    def is_confirmed(self) -> bool:
        """A tombstone's row goes once it is sent, and no sooner."""
        gone = self.gone_at is not None and self.into is None and not self.is_member
        return gone and self.state in {OutboxState.SENT, None}


@dataclasses.dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a member no longer agrees to."""

    since: Mapping[Purpose, dt.datetime]
    untold: int
    """News of that which the CRM has not confirmed."""
    confirmed: Mapping[Purpose, dt.datetime]
    """When it has confirmed the newest of each."""


def of_store(
    session: Session,
    sealer: Sealer,
    values: Collection[bytes],
    metadata: sa.MetaData,
    access_log_days: int,
) -> Remains:
    sought = Sought.of(sealer, values)
    return _judged(
        traces.find(session, sealer, sought, metadata),
        LOCKED,
        _ends(session, sought.lookups, access_log_days),
    )


def of_headquarters(
    session: Session, sealer: Sealer, values: Collection[bytes], metadata: sa.MetaData
) -> Remains:
    found = traces.find(session, sealer, Sought.of(sealer, values), metadata)
    return _judged(found, LOCKED_AT_HEADQUARTERS, {})


def told(session: Session, public_id: str) -> Told:
    """What became of the news that they were erased."""
    tombstone = session.scalars(
        sa.select(OutboxEvent)
        .where(OutboxEvent.subject == public_id, OutboxEvent.type == EventType.MEMBER_ERASED)
        .order_by(OutboxEvent.id.desc())
    ).first()
    gone = session.get(GoneMember, public_id)
    is_member = session.scalar(sa.select(Member.id).where(Member.public_id == public_id))
    return Told(
        is_member is not None,
        gone.gone_at if gone else None,
        gone.into_id if gone else None,
        tombstone.state if tombstone else None,
        _confirmed_at(session, public_id, tombstone),
    )


def _confirmed_at(
    session: Session, public_id: str, tombstone: OutboxEvent | None
) -> dt.datetime | None:
    """When the CRM has taken the newest tombstone; the outbox forgets that after a month."""
    if tombstone is not None:
        return tombstone.sent_at
    return session.scalar(
        sa.select(CrmProof.confirmed_at)
        .where(CrmProof.member == public_id, CrmProof.told_of == ToldOf.ERASED)
        .order_by(CrmProof.confirmed_at.desc())
        .limit(1)
    )


def withdrawn(session: Session, public_id: str) -> Withdrawn:
    of_member = sa.select(Member.id).where(Member.public_id == public_id).scalar_subquery()
    rows = session.execute(
        sa.select(Consent.purpose, Consent.withdrawn_at).where(Consent.member_id == of_member)
    ).all()
    given = {purpose for purpose, at in rows if at is None}
    since: dict[Purpose, dt.datetime] = {}
    for purpose, at in rows:
        if at is not None and purpose not in given:
            since[purpose] = max(at, since.get(purpose, at))
    untold = session.scalar(
        sa.select(sa.func.count()).where(
            OutboxEvent.subject == public_id,
            OutboxEvent.type == EventType.CONSENT_WITHDRAWN,
            OutboxEvent.state != OutboxState.SENT,
        )
    )
    answered = session.execute(
        sa.select(CrmProof.purpose, CrmProof.confirmed_at)
        .where(CrmProof.member == public_id, CrmProof.told_of == ToldOf.WITHDRAWN)
        .order_by(CrmProof.confirmed_at)
    )
    confirmed = {purpose: at for purpose, at in answered if purpose is not None}
    return Withdrawn(since, untold or 0, confirmed)


def members(session: Session, sealer: Sealer, values: Collection[bytes]) -> list[str]:
    """The public ids of who is a member under one of these, so not erased."""
    lookups = Sought.of(sealer, values).lookups
    wanted = sa.select(Member.public_id).join(Identity, Identity.member_id == Member.id)
    return sorted(set(session.scalars(wanted.where(Identity.lookup.in_(lookups)))))


def _judged(
    found: traces.Traces, allowed: Mapping[str, str], ends: Mapping[str, dt.date | None]
) -> Remains:
    locked: dict[str, int] = {}
    for place, count in found.places.items():
        if place in allowed:
            locked[allowed[place]] = locked.get(allowed[place], 0) + count
    return Remains(
        {place: count for place, count in sorted(found.places.items()) if place not in allowed},
        tuple(Lock(what, count, ends.get(what)) for what, count in sorted(locked.items())),
        dict(found.closed),
    )


def _ends(
    session: Session, lookups: Collection[bytes], access_log_days: int
) -> dict[str, dt.date | None]:
    day = session.scalar(
        sa.select(sa.func.max(AccessRecord.day)).where(
            sa.or_(
                AccessRecord.account_lookup.in_(lookups), AccessRecord.device_lookup.in_(lookups)
            )
        )
    )
    expired = session.scalar(
        sa.select(Grant.expires_at)
        .join(Login, Login.id == Grant.login_id)
        .where(Login.account_lookup.in_(lookups))
        .order_by(Grant.expires_at.desc())
    )
    withdrawn = session.scalar(
        sa.select(Consent.withdrawn_at)
        .where(Consent.account_lookup.in_(lookups), Consent.withdrawn_at.is_not(None))
        .order_by(Consent.withdrawn_at.desc())
    )
    return {
        # Whole days go, and a little later: in whichever time zone the day was.
        "access log": day and day + dt.timedelta(days=access_log_days + 3),
        "connection log": expired and (expired + periods.GRANT).date(),
        "proof of consent": withdrawn and (withdrawn + periods.CONSENT).date(),
    }
