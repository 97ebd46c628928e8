"""Publishes versions of settings, campaigns and wording, signed with the chain's key."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from core.pushed import document as documents
from core.sealing import Sealer
from hq.models.pushed_version import KEY, PushedAudience, PushedVersion, Scope, SigningKey
from hq.models.store import Store

# With Base64 around it, within what a store takes for an answer (`core.headquarters_line`).
_MOST_OCTETS = 700_000


class PublishError(ValueError):
    """A version is not published; the message says why."""


def public_key(session: Session, sealer: Sealer, now: dt.datetime) -> bytes:
    """Of the chain's key, which is made if there is none."""
    return _key(session, sealer, now).public_key().public_bytes_raw()


def publish(
    session: Session,
    sealer: Sealer,
    said: Mapping[str, Any],
    now: dt.datetime,
    *,
    scope: Scope = Scope.CHAIN,
    target: str = "",
) -> int:
    """Make the next version of what `said` holds, for a region, a store, or the chain."""
    key = _key(session, sealer, now)
    stores = _audience(session, scope, target)
    newest = session.scalar(sa.select(sa.func.max(PushedVersion.number)))
    number = (newest or 0) + 1
    try:
        document = documents.canonical(documents.from_toml(said, number, stores, now))
    except ValueError as error:
        raise PublishError(str(error)) from error
    if len(document) > _MOST_OCTETS:
        # Stores would take no answer that is as long, and go by what they have for good.
        raise PublishError(f"it has {len(document)} octets, and may have {_MOST_OCTETS}")
    signature = documents.sign(key, document)
    version = PushedVersion(
        number=number,
        scope=scope,
        target=target,
        document=document,
        signature=signature,
        published_at=now,
    )
    session.add(version)
    session.flush()
    for store_id in stores or ():
        session.add(PushedAudience(number=number, store_id=store_id))
    return number


def _audience(session: Session, scope: Scope, target: str) -> tuple[str, ...] | None:
    """The stores it is for; None: all that there are and will be."""
    if scope is Scope.CHAIN:
        return None
    whose = Store.region if scope is Scope.REGION else Store.id
    found = session.scalars(sa.select(Store.id).where(whose == target).order_by(Store.id)).all()
    if not found:
        raise PublishError(f"no store of the {scope.value} {target}")
    return tuple(found)


def _key(session: Session, sealer: Sealer, now: dt.datetime) -> Ed25519PrivateKey:
    row = session.scalar(sa.select(SigningKey).order_by(SigningKey.id).limit(1))
    if row is None:
        made = Ed25519PrivateKey.generate()
        sealed = sealer.seal(KEY, made.private_bytes_raw())
        row = SigningKey(sealed_key=sealed, made_at=now)
        session.add(row)
        session.flush()
    return Ed25519PrivateKey.from_private_bytes(sealer.open(KEY, row.sealed_key))
